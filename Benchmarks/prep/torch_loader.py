"""The article's input pipeline: Dataset and DataLoader over JPEG files, no store.

python torch_loader.py FOLDER [--size 32] [--workers 2] [--batch-size 64] [--epochs 1] prints the
images a second of each epoch, one a line; the last line of output is the mean of all.
"""

import argparse
import os
import time

from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms


class Faces(Dataset):
    def __init__(self, folder, size):
        names = sorted(name for name in os.listdir(folder) if len(name.split("_")) == 4)
        self.paths = [os.path.join(folder, name) for name in names]
        self.transform = transforms.Compose([
            transforms.Resize((size, size)),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ])

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        path = self.paths[index]
        age, gender, race = map(int, os.path.basename(path).split("_")[:3])
        return self.transform(Image.open(path).convert("RGB")), age, gender, race


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=1)
    options = parser.parse_args()
    loader = DataLoader(
        Faces(options.folder, options.size), batch_size=options.batch_size, shuffle=True,
        num_workers=options.workers)
    images, seconds = 0, 0.0
    for _ in range(options.epochs):
        start, count = time.perf_counter(), 0
        for batch in loader:
            count += len(batch[0])
        elapsed = time.perf_counter() - start
        print(f"{count / elapsed:.0f} images/s, {options.workers} workers", flush=True)
        images, seconds = images + count, seconds + elapsed
    print(f"{images / seconds:.1f}")


if __name__ == "__main__":
    main()
