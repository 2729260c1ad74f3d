// Images side by side: planes of four or more images with the images innermost, so that a vector holds one place of four
// images. Then nothing is lost where rows end, and no padding is stored: every place sees just the taps that it has.
//
//   NCHW  image 0: a0 b0 c0 d0     as vectors:  a0 a1 a2 a3 | b0 b1 b2 b3 | …        (a transpose of 4 x 4 numbers each)
//         image 1: a1 b1 c1 d1
import { type FunctionBuilder, i32, type Local, load, loadLane, type Operand } from "../../code/assembler.ts";
import type { Ranges } from "../contraction.ts";
import { transposed } from "../transforms.ts";
import { keep } from "../walk.ts";

/** Batches of images with few channels. */
export const manyImages: Ranges = {
  batch: [2, 19],
  axes: [2, 2],
  kernel: [1, 5],
  stride: [1, 2],
  dilation: [1, 2],
  size: [1, 14],
  channels: [1, 9],
  groups: [1],
};

/** A block of images of an input, to be brought side by side: place p of channel c at (p * channels + c) * lanes. */
export interface Block {
  readonly images: number;
  readonly channels: number;
  /** Elements of a plane. */
  readonly plane: number;
  /** Images of a block: a multiple of 4. */
  readonly lanes: number;
}

/** Image `first + lane`, but not beyond the last: what is computed for those is not stored. */
function imageAt(f: FunctionBuilder, { images, lanes }: Block, first: Local, lane: number): Local {
  const image = f.define(i32.add(first, lane));
  if (images % lanes !== 0) f.if(i32.ge_s(image, images), () => f.set(image, images - 1));
  return image;
}

/** What is copied: the places [from, to) of the block that begins with image `first`, from `source` (the input) to `target`. */
export interface Gathering {
  readonly first: Local;
  readonly from: Local;
  readonly to: Local;
  readonly source: Operand;
  readonly target: Operand;
}

export function emitGather(f: FunctionBuilder, block: Block, gathering: Gathering): void {
  const { first, from, to, source, target } = gathering;
  const { channels, plane, lanes } = block;
  const pitch = channels * lanes * 4;
  const whole = f.define(i32.sub(to, 3));
  for (let group = 0; group < lanes; group += 4) {
    const lines = [0, 1, 2, 3].map((lane) => {
      const image = imageAt(f, block, first, group + lane);
      return f.define(i32.add(source, i32.mul(i32.add(i32.mul(image, channels * plane), from), 4)));
    });
    const channel = f.local("i32");
    const start = keep(f, i32.add(target, group * 4));
    f.forRange(channel, 0, channels, 1, () => {
      const pointers = lines.map((line) => f.define(line));
      const at = f.define(start);
      const place = keep(f, from);
      f.forRange(place, f.define(from), whole, 4, () => {
        const columns = transposed(
          f,
          pointers.map((pointer) => f.define(load("v128.load", pointer))),
        );
        columns.forEach((column, i) => {
          if (i * pitch < 65536) f.store("v128.store", at, column, i * pitch);
          else f.store("v128.store", i32.add(at, i * pitch), column);
        });
        for (const pointer of pointers) f.increase(pointer, 16);
        f.increase(at, pitch * 4);
      });
      f.forRange(place, f.define(place), to, 1, () => {
        let vector = load("v128.load32_zero", pointers[0]);
        for (let lane = 1; lane < 4; lane++) vector = loadLane("v128.load32_lane", pointers[lane], vector, lane);
        f.store("v128.store", at, vector);
        for (const pointer of pointers) f.increase(pointer, 4);
        f.increase(at, pitch);
      });
      for (const line of lines) f.increase(line, plane * 4);
      f.increase(start, lanes * 4);
    });
  }
}
