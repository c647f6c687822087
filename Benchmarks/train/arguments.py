"""The options that the scripts about training have in common."""
import argparse


def parser(description, work):
    """work: the folder of the runs, below data/bench."""
    result = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("--shards", default="data/shards/utkface-32")
    result.add_argument("--pipeline", default="pipelines/utkface-32.yaml")
    result.add_argument("--program", default=".build/release/hydra-train")
    result.add_argument("--work", default=f"data/bench/{work}", help="folder of the runs")
    result.add_argument("--epochs", type=int, default=10)
    return result
