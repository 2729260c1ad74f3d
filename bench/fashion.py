# PyTorch on the recipes of `neocog train fashion-mnist`: the same networks, batches and optimizers, and the evaluation that follows
# every epoch. One epoch is timed (they are all alike); run it beside `neocog train fashion-mnist`:
#   python3 bench/fashion.py [folder with the four IDX files] [threads]
import gzip
import sys
import time

import numpy
import torch
from torch import nn

folder = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/datasets/fashion-mnist"
torch.set_num_threads(int(sys.argv[2]) if len(sys.argv) > 2 else 2)
torch.manual_seed(0)


def read(name):
    with gzip.open(f"{folder}/{name}") as file:
        raw = file.read()
    return torch.from_numpy(numpy.frombuffer(raw, numpy.uint8, offset=16 if "images" in name else 8).copy())


train_x, train_y = read("train-images-idx3-ubyte.gz").view(-1, 1, 28, 28), read("train-labels-idx1-ubyte.gz").long()
test_x, test_y = read("t10k-images-idx3-ubyte.gz").view(-1, 1, 28, 28), read("t10k-labels-idx1-ubyte.gz").long()


def scaled(x):
    return (x.float() / 255 - 0.286) / 0.353


def stage(i, o):
    return [nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]


lenet = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2),
                      nn.Flatten(), nn.Linear(400, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10))
fashion = nn.Sequential(*stage(1, 16), nn.MaxPool2d(2), *stage(16, 32), *stage(32, 32), nn.MaxPool2d(2), *stage(32, 64), *stage(64, 64),
                        nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.3), nn.Linear(576, 128), nn.ReLU(), nn.Linear(128, 10))



class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.stages = nn.Sequential(*stage(channels, channels), *stage(channels, channels))

    def forward(self, x):
        return x + self.stages(x)


resnet10 = nn.Sequential(*stage(1, 16), nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.MaxPool2d(2), nn.BatchNorm2d(32), nn.ReLU(),
                         *stage(32, 64), Block(64), nn.MaxPool2d(2), *stage(64, 128), Block(128), nn.MaxPool2d(2), *stage(128, 256),
                         nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(256, 10))

for name, net, batch, optimizer, flip in [
    ("lenet", lenet, 64, torch.optim.Adam(lenet.parameters(), lr=0.01), False),
    ("fashion", fashion, 128, torch.optim.SGD(fashion.parameters(), lr=0.02, momentum=0.9, nesterov=True, weight_decay=5e-4), True),
    ("resnet10", resnet10, 128, torch.optim.SGD(resnet10.parameters(), lr=0.015, momentum=0.9, nesterov=True, weight_decay=5e-4), True),
]:
    start = time.perf_counter()
    net.train()
    order = torch.randperm(len(train_x))
    for first in range(0, len(order), batch):
        chosen = order[first : first + batch]
        x = scaled(train_x[chosen])
        if flip and torch.rand(1) < 0.5:
            x = x.flip(3)
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(net(x), train_y[chosen]).backward()
        optimizer.step()
    net.eval()
    with torch.inference_mode():
        right = sum((net(scaled(test_x[i : i + 500])).argmax(1) == test_y[i : i + 500]).sum().item() for i in range(0, len(test_x), 500))
    print(f"{name}: {time.perf_counter() - start:.1f} s an epoch with its evaluation; test accuracy after one {right / len(test_x):.3f}", flush=True)
