"""Who proposes: the trials that are known at once, samplers while others run, and the plan."""
