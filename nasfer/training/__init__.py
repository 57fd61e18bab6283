"""Full training of one network: recipes, losses, the loop, metrics, evaluation."""
