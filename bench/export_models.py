# Writes the inference workloads as ONNX files with random weights, for the peers that read ONNX:
#   python3 bench/export_models.py FOLDER name …
import os
import sys

import torch
import torchvision

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
for name in sys.argv[2:]:
    path = os.path.join(folder, f"{name}.onnx")
    if os.path.exists(path):
        continue
    torch.manual_seed(1)
    net = getattr(torchvision.models, name)().eval()
    torch.onnx.export(net, torch.randn(1, 3, 224, 224), path + ".part", opset_version=13, input_names=["input"], output_names=["output"])
    os.rename(path + ".part", path)
