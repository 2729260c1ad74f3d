#!/usr/bin/python3
"""Exports torchvision models to ONNX with an input and the answer of PyTorch, for test/onnx/torchvision.ts.

    python3 test/onnx/make_torchvision.py FOLDER [--size N] [--batch N] [name ...]

Weights are random and batch-norm statistics randomised, so that a statistic left out would show. Each model gives
FOLDER/NAME.onnx, NAME.input.npy and NAME.output.npy. Without names, every classification model, the segmentation
heads and two transformers are exported. Nothing is downloaded.
"""
import argparse
import pathlib
import sys
import warnings

import numpy
import torch
import torchvision

CLASSIFICATION = """alexnet vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn squeezenet1_0 squeezenet1_1
resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d resnext101_32x8d resnext101_64x4d wide_resnet50_2
wide_resnet101_2 densenet121 densenet161 densenet169 densenet201 googlenet inception_v3 mobilenet_v2 mobilenet_v3_small
mobilenet_v3_large shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5 shufflenet_v2_x2_0 mnasnet0_5 mnasnet0_75
mnasnet1_0 mnasnet1_3 efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4 efficientnet_b5
efficientnet_b6 efficientnet_b7 efficientnet_v2_s efficientnet_v2_m efficientnet_v2_l regnet_y_400mf regnet_y_800mf
regnet_y_1_6gf regnet_y_3_2gf regnet_y_8gf regnet_y_16gf regnet_y_32gf regnet_x_400mf regnet_x_800mf regnet_x_1_6gf
regnet_x_3_2gf regnet_x_8gf regnet_x_16gf regnet_x_32gf convnext_tiny convnext_small convnext_base convnext_large""".split()
SEGMENTATION = """fcn_resnet50 fcn_resnet101 deeplabv3_resnet50 deeplabv3_resnet101 deeplabv3_mobilenet_v3_large
lraspp_mobilenet_v3_large""".split()
TRANSFORMERS = ["vit_b_16", "swin_t"]
# AlexNet and VGG average adaptively, which this exporter can only write where the windows are even.
SMALLEST = {name: 224 for name in CLASSIFICATION if name.startswith(("alexnet", "vgg"))} | {"inception_v3": 96}


class OnlyOut(torch.nn.Module):
    """A segmentation model's main answer alone, as a tensor instead of a dictionary."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x)["out"]


def build(name, size):
    if name in SEGMENTATION:
        maker = getattr(torchvision.models.segmentation, name)
        return OnlyOut(maker(weights=None, weights_backbone=None, num_classes=21))
    maker = getattr(torchvision.models, name)
    if name in ("googlenet", "inception_v3"):
        return maker(weights=None, init_weights=True, aux_logits=False)
    if name in TRANSFORMERS and name.startswith("vit"):
        return maker(weights=None, image_size=size)
    return maker(weights=None)


def randomise(model, generator):
    """Batch-norm statistics and scales away from 0 and 1, within bounds that keep deep networks' numbers in range."""
    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            n = module.num_features
            module.running_mean.copy_(torch.randn(n, generator=generator) * 0.1)
            module.running_var.copy_(torch.rand(n, generator=generator) + 0.5)
            module.weight.data.copy_(torch.rand(n, generator=generator) * 0.5 + 0.5)
            module.bias.data.copy_(torch.randn(n, generator=generator) * 0.1)
        # A head that starts at zero would agree with anything.
        if isinstance(module, torch.nn.Linear) and not module.weight.any():
            module.weight.data.copy_(torch.randn(module.weight.shape, generator=generator) * 0.02)


def export(name, folder, size, batch):
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    model = build(name, max(size, SMALLEST.get(name, size))).eval()
    with torch.no_grad():
        randomise(model, generator)
        side = max(size, SMALLEST.get(name, size))
        x = torch.randn(batch, 3, side, side, generator=generator)
        y = model(x)
        path = folder / f"{name}.onnx"
        # With gradients on, attention is written as what it is made of.
        with warnings.catch_warnings(), torch.set_grad_enabled(name in TRANSFORMERS):
            warnings.simplefilter("ignore")
            torch.onnx.export(
                model,
                x,
                str(path),
                opset_version=13,
                input_names=["input"],
                output_names=["output"],
                dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}},
            )
    numpy.save(folder / f"{name}.input.npy", x.numpy())
    numpy.save(folder / f"{name}.output.npy", y.numpy())
    print(f"{name}: {list(x.shape)} -> {list(y.shape)}, {path.stat().st_size} bytes", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_intermixed_args()
    torch.set_num_threads(1)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in arguments.names or CLASSIFICATION + SEGMENTATION + TRANSFORMERS:
        try:
            export(name, arguments.folder, arguments.size, arguments.batch)
        except Exception as error:  # one model that this version cannot export must not hide the others
            failed.append(name)
            print(f"{name}: not exported: {str(error).splitlines()[0]}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
