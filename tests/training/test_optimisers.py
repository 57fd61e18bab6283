"""Steps against naive updates; schedules at known steps; resuming."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nasfer.errors import TrialError
from nasfer.training.optim.averaging import WeightAverage
from nasfer.training.optim.optimisers import Optimiser
from nasfer.training.recipe import Recipe

IMAGES = torch.randn(8, 3, 6, 6, generator=torch.Generator().manual_seed(0))


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2)
    )


def loss_of(model: nn.Module) -> Callable[[], Tensor]:
    return lambda: (model(IMAGES) - 1).square().mean()


def sgd(**options: Any) -> Recipe:
    fixed: dict[str, Any] = {"optimizer": "sgd", "schedule": "constant", "weight_decay": 0.0}
    return Recipe(**{**fixed, "lr": 0.1, "momentum": 0.0, **options})


def optimiser(model: nn.Module, recipe: Recipe, epochs: int = 1, steps: int = 10) -> Optimiser:
    return Optimiser(model, recipe, steps_per_epoch=steps, epochs=epochs)


def saved(state: Any) -> Any:
    """Pass a state through a file that holds no code."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def gradients(model: nn.Module) -> list[Tensor]:
    return list(torch.autograd.grad(loss_of(model)(), list(model.parameters())))


def test_sam_takes_the_gradient_of_the_worst_point_nearby() -> None:
    model, naive = network(), network()
    loss = optimiser(model, sgd(sam_rho=0.5)).step(loss_of(model))
    first = loss_of(naive)()
    here = gradients(naive)
    norm = sum(g.square().sum() for g in here).sqrt()
    start = [p.detach().clone() for p in naive.parameters()]
    for p, g in zip(naive.parameters(), here):
        p.data += 0.5 * g / norm
    there = gradients(naive)
    for p, s, g in zip(model.parameters(), start, there):
        torch.testing.assert_close(p, s - 0.1 * g)
    torch.testing.assert_close(loss, first.detach())


def test_sams_second_pass_leaves_no_trace_in_batch_norm() -> None:
    plain, sharp = network(), network()
    optimiser(plain, sgd()).step(loss_of(plain))
    optimiser(sharp, sgd(sam_rho=0.5)).step(loss_of(sharp))
    for one, other in zip(plain.buffers(), sharp.buffers()):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_clipping_bounds_the_step() -> None:
    model = network()
    start = torch.cat([p.detach().flatten() for p in model.parameters()])
    optimiser(model, sgd(clip_norm=0.01)).step(loss_of(model))
    end = torch.cat([p.detach().flatten() for p in model.parameters()])
    assert (end - start).norm().item() == pytest.approx(0.1 * 0.01, rel=1e-3)


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_a_loss_that_is_not_finite_changes_no_weight(rho: float) -> None:
    model, calls = network(), 0
    start = [p.detach().clone() for p in model.parameters()]

    def compute() -> Tensor:
        nonlocal calls
        calls += 1
        loss = loss_of(model)()
        return loss * float("nan") if calls > (1 if rho else 0) else loss

    with pytest.raises(TrialError, match="loss: nan is not finite"):
        optimiser(model, sgd(sam_rho=rho)).step(compute)
    for p, s in zip(model.parameters(), start):
        assert torch.equal(p, s)


def test_adamw_decays_matrices_alone() -> None:
    model = network()
    start = {name: p.detach().clone() for name, p in model.named_parameters()}
    recipe = Recipe(lr=0.1, weight_decay=0.5, schedule="constant")
    optimiser(model, recipe).step(lambda: 0 * loss_of(model)())  # gradients are 0
    for name, p in model.named_parameters():
        factor = 1 - 0.1 * 0.5 if p.ndim > 1 else 1.0
        torch.testing.assert_close(p.detach(), factor * start[name], msg=name)


def test_sgd_decays_everything_and_has_momentum() -> None:
    model = nn.Linear(1, 1)
    start = model.bias.item()
    steps = optimiser(model, sgd(weight_decay=0.5, momentum=0.9))
    for _ in range(2):
        steps.step(lambda: 0 * model(torch.ones(1, 1)).sum())
    first = start - 0.1 * 0.5 * start
    second = first - 0.1 * (0.5 * first + 0.9 * 0.5 * start)
    assert model.bias.item() == pytest.approx(second, rel=1e-5)


def test_nesterov_looks_ahead() -> None:
    model = nn.Linear(1, 1)
    start = model.bias.item()
    optimiser(model, sgd(momentum=0.9, nesterov=True)).step(lambda: model(torch.ones(1, 1)).sum())
    assert start - model.bias.item() == pytest.approx(0.1 * 1.9, rel=1e-5)


def test_unused_parameters_stay() -> None:
    model = nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1)])
    start = model[1].weight.item()
    recipe = sgd(weight_decay=0.5, sam_rho=0.1, clip_norm=1.0)
    optimiser(model, recipe).step(lambda: model[0](torch.ones(1, 1)).square().sum())
    assert model[1].weight.item() == start


def rates(recipe: Recipe, epochs: int, steps: int = 10) -> list[float]:
    model = nn.Linear(1, 1)
    running, seen = optimiser(model, recipe, epochs, steps), []
    for _ in range(epochs * steps):
        seen.append(running.lr)
        running.step(lambda: model(torch.ones(1, 1)).square().sum())
    return [*seen, running.lr]


def test_step_schedule_at_known_steps() -> None:
    seen = rates(sgd(schedule="step", step_epochs=2, step_factor=0.5), 5)
    assert [seen[i] for i in (0, 19, 20, 39, 40)] == pytest.approx([0.1, 0.1, 0.05, 0.05, 0.025])


def test_cosine_after_warm_up_at_known_steps() -> None:
    seen = rates(sgd(schedule="cosine", warmup_epochs=1), 3)
    wanted = {0: 0.01, 4: 0.05, 9: 0.1, 10: 0.1, 20: 0.05, 30: 0.0}
    assert [seen[i] for i in wanted] == pytest.approx(list(wanted.values()), abs=1e-9)


def test_one_cycle_peaks_at_the_largest_rate() -> None:
    seen = rates(sgd(schedule="one_cycle", lr=0.3), 10)
    assert seen[0] == pytest.approx(0.3 / 25)
    assert max(seen) == seen[29] == pytest.approx(0.3)
    assert seen[99] == pytest.approx(0.3 / 25 / 1e4)


def test_constant_keeps_the_rate_given_for_other_batches() -> None:
    assert rates(sgd(lr_per=256, batch_size=64), 2) == pytest.approx([0.025] * 21)
    assert rates(sgd(warmup_epochs=1), 2)[9:] == pytest.approx([0.1] * 12)


@pytest.mark.parametrize("epochs", [1, 2])
@pytest.mark.parametrize("name", ["nasfer", "zennet", "emo_net", "amp_net"])
def test_every_recipe_can_be_cut_to_few_epochs(name: str, epochs: int) -> None:
    from nasfer.training.recipe import load_recipe

    assert all(rate >= 0 for rate in rates(load_recipe(name), epochs, steps=1))


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(lr=0.01),
        sgd(schedule="cosine", warmup_epochs=1, momentum=0.9),
        sgd(schedule="step", step_epochs=1, sam_rho=0.1),
        sgd(warmup_epochs=1),
    ],
    ids=["one_cycle", "cosine", "step", "constant"],
)
def test_a_resumed_training_is_the_same_training(recipe: Recipe) -> None:
    straight, stopped = network(), network()
    running = optimiser(straight, recipe, 2, 3)
    average = WeightAverage(straight, 0.9)
    for _ in range(6):
        running.step(loss_of(straight))
        average.update_parameters(straight)
    before = optimiser(stopped, recipe, 2, 3)
    early = WeightAverage(stopped, 0.9)
    for _ in range(4):
        before.step(loss_of(stopped))
        early.update_parameters(stopped)
    state = saved([stopped.state_dict(), before.state_dict(), early.state_dict()])
    resumed = network()
    after, late = optimiser(resumed, recipe, 2, 3), WeightAverage(resumed, 0.9)
    resumed.load_state_dict(state[0])
    after.load_state_dict(state[1])
    late.load_state_dict(state[2])
    assert after.lr == before.lr
    for _ in range(2):
        after.step(loss_of(resumed))
        late.update_parameters(resumed)
    for one, other in zip(straight.parameters(), resumed.parameters()):
        assert torch.equal(one, other)
    for one, other in zip(average.state_dict().values(), late.state_dict().values()):
        assert torch.equal(one, other)


def test_the_average_is_its_recursion_and_includes_running_statistics() -> None:
    model = network()
    running, average = optimiser(model, sgd()), WeightAverage(model, 0.7)
    naive: dict[str, Tensor] = {}
    for step in range(30):
        running.step(loss_of(model))
        average.update_parameters(model)
        decay = min(0.7, (1 + step) / (10 + step))
        for name, value in model.state_dict().items():
            old = naive.get(name, value)
            naive[name] = decay * old + (1 - decay) * value
    for name in ("0.weight", "1.running_mean", "1.running_var", "4.bias"):
        torch.testing.assert_close(average.module.state_dict()[name], naive[name])
    assert not average.module.training
