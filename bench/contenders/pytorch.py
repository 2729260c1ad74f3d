# PyTorch as a contender (protocol.mjs). Debian: python3-torch, python3-torchvision.
import json
import sys
import time


def main():
    work, threads = json.loads(sys.argv[1]), int(sys.argv[2])

    def say(message):
        print(json.dumps(message), flush=True)

    try:
        import torch
        from torch import nn
        import torchvision
    except ImportError as error:
        say({"unsupported": f"PyTorch is not installed: {error}"})
        return
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    start = time.perf_counter()
    c, h, w = work["input"]

    def conv_bn(i, o):
        return [nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]

    def model():
        name = work["model"]
        if name == "lenet":
            return nn.Sequential(nn.Conv2d(c, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
                                 nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
        if name == "fiveconv":
            return nn.Sequential(*conv_bn(c, 32), *conv_bn(32, 32), nn.MaxPool2d(2), *conv_bn(32, 64), *conv_bn(64, 64), nn.MaxPool2d(2),
                                 *conv_bn(64, 128), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10))
        if name == "fashion":
            return nn.Sequential(*conv_bn(c, 16), nn.MaxPool2d(2), *conv_bn(16, 32), *conv_bn(32, 32), nn.MaxPool2d(2),
                                 *conv_bn(32, 64), *conv_bn(64, 64), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.3),
                                 nn.Linear(576, 128), nn.ReLU(), nn.Linear(128, 10))
        if name == "resnet18-cifar":
            net = torchvision.models.resnet18(num_classes=10)
            net.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
            net.maxpool = nn.Identity()
            return net
        return getattr(torchvision.models, name)(num_classes=work["classes"])

    net = model()
    x = torch.randn(work["batch"], c, h, w)
    if work["kind"] == "train":
        labels = torch.arange(work["batch"]) * 7 % work["classes"]
        optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
        criterion = nn.CrossEntropyLoss()

        def iterate():
            optimizer.zero_grad(set_to_none=True)
            criterion(net(x), labels).backward()
            optimizer.step()
    else:
        net.eval()

        def iterate():
            with torch.inference_mode():
                net(x)

    iterate()
    say({"ready": True, "prepareMs": (time.perf_counter() - start) * 1000, "note": f"torch {torch.__version__}"})
    for line in sys.stdin:
        count = int(line)
        wake = time.perf_counter()
        while True:
            iterate()
            if time.perf_counter() - wake > 0.1:
                break
        start = time.perf_counter()
        for _ in range(count):
            iterate()
        say({"ms": (time.perf_counter() - start) * 1000 / count})


main()
