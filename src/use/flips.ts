// Test-time flips: a network that is asked of each picture and of its mirror image, and gives what both mean together.

import { type NdArray, ndarray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { sizeOf } from "../base/shape.ts";
import { mirrored } from "../data/flip.ts";
import type { Network } from "./network.ts";
import type { AnyTask } from "./tasks/list.ts";

/** Refuses a task of whose pictures a mirror image may mean something else. */
export function withFlips(network: Network, task: AnyTask): Network {
  const { merged } = task;
  if (!merged) {
    throw new NeocogError(
      (name) =>
        `${name("flips")} has no meaning for ${task.name}: a picture's mirror image may have other numbers; leave it out.`,
    );
  }
  const { shape } = network;
  const width = sizeOf(shape);
  const isMap = shape.length === 3;
  return {
    shape,
    batch: network.batch,
    load: (weights) => network.load(weights),
    release: () => network.release(),
    async answers(images: NdArray) {
      const found = await network.answers(images);
      const turned = ndarray(images.shape, mirrored(images.data, images.shape), images.dtype);
      const seen = await network.answers(turned);
      const others = isMap ? mirrored(seen, shape) : seen;
      for (let i = 0; i < found.length; i += width) {
        found.set(merged(found.subarray(i, i + width), others.subarray(i, i + width), shape), i);
      }
      return found;
    },
  };
}
