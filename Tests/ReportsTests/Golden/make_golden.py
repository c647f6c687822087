"""Prints the bytes that TensorBoardTests expects, framed by tensorboard's own writer: python make_golden.py"""
import io

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

file = io.BytesIO()
writer = RecordWriter(file)
values = [Summary.Value(tag="train/loss", simple_value=1.5), Summary.Value(tag="é", simple_value=-2)]
writer.write(Event(wall_time=1_700_000_000.5, file_version="brain.Event:2").SerializeToString())
writer.write(Event(wall_time=1_700_000_001, step=300, summary=Summary(value=values)).SerializeToString())
print(file.getvalue().hex())
