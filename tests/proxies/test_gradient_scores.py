"""zico, gradsign, log_synflow, vkdnw and the saliencies of pruning, against known answers."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from nasfer.arch import ops, parse_arch
from nasfer.errors import ProxyError
from nasfer.presets import PRESETS
from nasfer.proxies import Settings, score
from nasfer.proxies.fresh_network import (
    drawn_labels,
    draws,
    fresh_network,
    logits,
    normal_images,
    settle_norms,
)
from nasfer.proxies.gradients import batch_gradients, check_room, weights
from nasfer.proxies.gradsign import agreement_of_signs, gradsign
from nasfer.proxies.log_synflow import log_flow, refuse
from nasfer.proxies.pruning import fisher, grasp_terms
from nasfer.proxies.vkdnw import fisher_information, spectrum_entropy, vkdnw
from nasfer.proxies.zico import sum_over_layers, zico

TWO = parse_arch("SuperConvK3BNRELU(3,8,2,1)SuperConvK3BNRELU(8,16,2,1)")
SETTINGS = Settings(seed=5, resolution=16, batch=4)


def test_zico_of_two_weights_and_two_batches() -> None:
    batches = [[torch.tensor([1.0, 2.0])], [torch.tensor([3.0, 2.0])]]
    assert sum_over_layers(batches) == pytest.approx(math.log(2))


def test_zico_equals_a_naive_rederivation() -> None:
    generator = torch.Generator().manual_seed(0)
    layers = [torch.randn(8, 5, generator=generator), torch.randn(8, 7, generator=generator)]
    wanted = sum(math.log(float((g.abs().mean(0) / g.std(0, correction=0)).sum())) for g in layers)
    batches = ([layer[index] for layer in layers] for index in range(8))
    assert sum_over_layers(batches) == pytest.approx(wanted, rel=1e-5)


def test_zico_without_a_change_has_no_score() -> None:
    with pytest.raises(ProxyError, match="no gradient changes"):
        sum_over_layers([[torch.ones(3)]] * 8)


def test_zico_reads_eight_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def counted(network: object, images: torch.Tensor, *rest: object) -> tuple[torch.Tensor, ...]:
        seen.append(images)
        return batch_gradients(network, images, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("nasfer.proxies.gradients.batch_gradients", counted)
    zico(TWO, SETTINGS)
    assert len(seen) == 8
    assert not any(torch.equal(seen[0], other) for other in seen[1:])


def test_signs_of_two_weights_over_three_images() -> None:
    rows = [torch.tensor([0.3, 2.0]), torch.tensor([5.0, -1.0]), torch.tensor([-2.0, 0.0])]
    assert agreement_of_signs(rows) == 0.5


def test_gradsign_reads_images_of_one_cell() -> None:
    deep = parse_arch("SuperConvK3BNRELU(3,8,2,1)" + "SuperConvK3BNRELU(8,8,2,1)" * 3)
    assert 0 < gradsign(deep, SETTINGS) < 4  # 16 pixels, halved four times: maps of one cell


def test_the_flow_through_two_linear_layers() -> None:
    network = nn.Sequential(nn.Linear(2, 1, bias=False), nn.Linear(1, 1, bias=False)).double()
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor([[1.0, -2.0]]).abs())
        network[1].weight.fill_(3.0)
    total = network(torch.ones(1, 2, dtype=torch.float64)).sum()
    assert total.item() == 9
    assert log_flow(total, network) == pytest.approx(math.log(18))


def test_the_flow_of_a_chain_is_layers_times_output() -> None:
    network = fresh_network(TWO, SETTINGS, draws(SETTINGS)).double()
    maps = torch.ones(1, 3, 16, 16, dtype=torch.float64)
    for layer in weights(network)[:2]:
        maps = functional.conv2d(maps, layer.abs(), stride=2, padding=1)
    total = (maps.mean((2, 3)) @ weights(network)[2].abs().T).sum().detach()
    wanted = math.log(3) + math.log(float(total))
    assert score(TWO, "log_synflow", seed=5, resolution=16) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("op", "name"),
    [
        (ops.Gate(ops.sequence(ops.GlobalMean(), ops.SIGMOID)), "squeeze-and-excitation"),
        (ops.Activation("gelu"), "activation gelu"),
        (ops.Softmax(), "Softmax"),
    ],
)
def test_what_breaks_the_flow_is_refused_by_name(op: ops.Op, name: str) -> None:
    with pytest.raises(ProxyError, match=f"log_synflow: .*{name}"):
        refuse(op)


def test_networks_with_gates_have_no_flow_and_relu6_is_relu() -> None:
    with pytest.raises(ProxyError, match="log_synflow: a gate"):
        score(PRESETS.get("zennet_r_sa").arch, "log_synflow", resolution=48)
    with pytest.raises(ProxyError, match="grasp: torch has no second derivative of hard_sigmoid"):
        score(PRESETS.get("amp_net").arch, "grasp", resolution=48)
    clipped = parse_arch("ConvK3BN(3,32,2,activation=relu6)ConvK3BN(32,32,1,activation=relu6)")
    plain = parse_arch("ConvK3BN(3,32,2)ConvK3BN(32,32,1)")
    assert score(clipped, "log_synflow") == score(plain, "log_synflow")


def test_fisher_information_equals_a_naive_rederivation() -> None:
    generator = draws(SETTINGS)
    network = fresh_network(TWO, SETTINGS, generator)
    images = normal_images(network, SETTINGS, generator, 4)
    found = logits(settle_norms(network, images), images)
    of = list(network.parameters())
    places = [(0, 0, 1, 1) if p.dim() == 4 else (0,) * p.dim() for p in of]
    information = torch.zeros(len(of), len(of), dtype=torch.float64)
    for row in found:
        gradients = [torch.autograd.grad(v, of, retain_graph=True) for v in row]
        jacobian = torch.stack(
            [torch.stack([g[place] for g, place in zip(one, places)]) for one in gradients]
        ).double()
        shares = row.detach().double().softmax(0)
        information += jacobian.T @ (shares.diag() - shares.outer(shares)) @ jacobian / 4
    whole = vkdnw(TWO, SETTINGS)
    assert whole.parts["tensors"] == len(of)
    assert whole.parts["entropy"] == pytest.approx(spectrum_entropy(information), abs=1e-4)


def test_vkdnw_of_an_even_spectrum_is_ln_9_and_of_a_single_direction_none() -> None:
    assert spectrum_entropy(torch.eye(20)) == pytest.approx(math.log(9))
    assert spectrum_entropy(torch.diag(torch.tensor([0.0] * 19 + [1.0]))) == 0


def test_fisher_information_of_one_image_by_hand() -> None:
    jacobian = torch.tensor([[[1.0], [0.0]]])  # one image, two logits, one weight
    shares = torch.tensor([[0.25, 0.75]])
    assert fisher_information(jacobian, shares).item() == pytest.approx(0.25 - 0.25**2)


def test_many_classes_cost_vkdnw_ten() -> None:
    assert vkdnw(TWO.with_classes(1000), SETTINGS) == vkdnw(TWO.with_classes(10), SETTINGS)


def test_layers_before_a_batch_norm_cancel_and_square() -> None:
    generator = draws(SETTINGS)
    network = fresh_network(TWO, SETTINGS, generator).double()
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.eps = 1e-12
    images = normal_images(network, SETTINGS, generator, 4).double()
    labels, of = drawn_labels(network, SETTINGS, generator, 4), weights(network)
    gradients = batch_gradients(network, images, labels, of)
    hessian = grasp_terms(network, images, labels, of)
    for weight, gradient, term in list(zip(of, gradients, hessian))[:-1]:
        assert float((weight.detach() * gradient).sum()) == pytest.approx(0, abs=1e-9)
        assert float(term.sum()) == pytest.approx(float(gradient.square().sum().detach()))
    assert abs(float((of[-1].detach() * gradients[-1]).sum())) > 1e-3  # the class layer has no norm


def test_saliencies_equal_naive_rederivations() -> None:
    generator = draws(SETTINGS)
    network = fresh_network(TWO, SETTINGS, generator)
    images = normal_images(network, SETTINGS, generator, 4)
    functional.cross_entropy(
        logits(network, images), drawn_labels(network, SETTINGS, generator, 4)
    ).backward()
    pairs = [(w.detach(), w.grad) for w in weights(network)]
    wanted = {
        "snip": sum((w * g).abs().sum() for w, g in pairs),
        "grad_norm": sum(g.square().sum().sqrt() for _, g in pairs),
        "plain": pairs[-1][0].flatten() @ pairs[-1][1].flatten(),  # but for the norms' eps
    }
    for name, value in wanted.items():
        found = score(TWO, name, seed=5, resolution=16, batch=4)
        assert float(found) == pytest.approx(float(value), rel=1e-2 if name == "plain" else 1e-4)


def test_fisher_equals_a_naive_rederivation() -> None:
    generator = draws(SETTINGS)
    network = fresh_network(TWO, SETTINGS, generator)
    images = normal_images(network, SETTINGS, generator, 4)
    labels = drawn_labels(network, SETTINGS, generator, 4)
    (first, norm, relu), (second, other, _) = network.features
    one = first(images)
    two = second(relu(norm(one)))
    three = network.head(relu(other(two)))
    loss = functional.cross_entropy(three, labels)
    total = 0.0
    for maps, gradient in zip((one, two, three), torch.autograd.grad(loss, (one, two, three))):
        a_channel = (maps * gradient).reshape(4, maps.shape[1], -1).sum(2)
        total += a_channel.square().mean(0).sum().item() / 2
    assert fisher(TWO, SETTINGS) == pytest.approx(total, rel=1e-4)


def test_the_norm_of_fresh_weights_follows_the_widths_alone() -> None:
    wide = parse_arch("SuperConvK3BNRELU(3,64,2,1)SuperConvK3BNRELU(64,128,2,1)")
    wanted = sum(math.sqrt(2 * width) for width in (64, 128, wide.classes))
    assert score(wide, "l2_norm") == pytest.approx(wanted, rel=0.02)


def test_gradients_that_no_machine_holds_are_refused() -> None:
    many = [nn.Parameter(torch.empty(0).expand(0))]
    check_room("ntk", many, 16, 8)
    huge = [nn.Parameter(torch.zeros(1).expand(10**9), requires_grad=False)]
    with pytest.raises(ProxyError, match=r"ntk: 119 GiB of gradients .* `batch`"):
        check_room("ntk", huge, 16, 8)
