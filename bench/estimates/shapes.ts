// Families of contractions to fit estimates by: drawn from a seed, so that a number is not fitted to the rows that a table shows.
import { Random } from "../../src/base/random.ts";
import type { LayerShape } from "../shapes.ts";

/** Between which numbers a family draws: one of a list. */
interface FamilyOfShapes {
  readonly net: string;
  readonly roles: readonly LayerShape["role"][];
  readonly batch: readonly number[];
  readonly inChannels: readonly number[];
  readonly outChannels: readonly number[];
  readonly size: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
}

const trained = ["forward", "inputGradient", "filterGradient"] as const;
const forward = ["forward"] as const;

const families: readonly FamilyOfShapes[] = [
  {
    net: "stems",
    roles: ["forward", "filterGradient"],
    batch: [1, 1, 4, 16],
    inChannels: [1, 3, 4],
    outChannels: [8, 16, 32, 64],
    size: [28, 32, 64, 96, 112, 160],
    kernel: [3, 5, 7],
    stride: [1, 2, 2],
  },
  {
    net: "small batches",
    roles: trained,
    batch: [8, 16, 32, 64],
    inChannels: [1, 4, 6, 8, 16],
    outChannels: [4, 6, 8, 12, 16, 24],
    size: [7, 8, 12, 14, 20, 28],
    kernel: [1, 3, 3, 5],
    stride: [1, 1, 2],
  },
  {
    net: "trained",
    roles: trained,
    batch: [2, 4, 8, 16, 32],
    inChannels: [16, 24, 32, 48, 64],
    outChannels: [16, 32, 48, 64, 96],
    size: [7, 8, 14, 16, 28],
    kernel: [1, 3, 3, 3, 5],
    stride: [1, 1, 2],
  },
  {
    net: "answers",
    roles: forward,
    batch: [1],
    inChannels: [16, 32, 48, 64, 96, 128, 192, 256],
    outChannels: [16, 32, 48, 64, 96, 128, 192, 256],
    size: [7, 10, 13, 14, 19, 28, 40, 56],
    kernel: [1, 1, 3, 3, 3, 5],
    stride: [1, 1, 1, 2],
  },
];

const depthwise: FamilyOfShapes = {
  net: "depthwise",
  roles: ["forward", "inputGradient"],
  batch: [1, 1, 4],
  inChannels: [16, 32, 96, 144, 192],
  outChannels: [0],
  size: [7, 10, 14, 28, 56, 96, 112],
  kernel: [3, 3, 5, 7],
  stride: [1, 1, 2],
};

/** Operations, at most: a row should take milliseconds. */
const mostOperations = 4e8;

/** `count` shapes of all families in turn. */
export function drawShapes(count: number, seed = 7): LayerShape[] {
  const random = new Random(seed);
  const one = <T>(list: readonly T[]): T => list[random.below(list.length)];
  const drawn: LayerShape[] = [];
  const draw = (family: FamilyOfShapes): LayerShape => {
    const kernel = one(family.kernel);
    const inChannels = one(family.inChannels);
    const separate = family === depthwise;
    return {
      net: family.net,
      role: one(family.roles),
      batch: one(family.batch),
      inChannels,
      outChannels: separate ? inChannels : one(family.outChannels),
      size: one(family.size),
      kernel,
      stride: one(family.stride),
      padding: random.below(3) === 0 ? 0 : Math.floor(kernel / 2),
      groups: separate ? inChannels : 1,
    };
  };
  const linear = (): LayerShape => ({
    net: "linear",
    role: "linear",
    batch: one([1, 1, 2, 8, 32, 128]),
    inChannels: one([64, 128, 400, 512, 1024]),
    outChannels: one([10, 100, 128, 256, 1000]),
    size: 1,
    kernel: 1,
    stride: 1,
    padding: 0,
    groups: 1,
  });
  const fits = (s: LayerShape): boolean => {
    const out = Math.floor((s.size + 2 * s.padding - s.kernel) / s.stride) + 1;
    const operations = 2 * s.batch * out * out * s.outChannels * (s.inChannels / s.groups) * s.kernel ** 2;
    return out >= 1 && operations < mostOperations;
  };
  const kinds = [...families, depthwise].map((family) => (): LayerShape => draw(family));
  kinds.push(linear);
  for (let i = 0; drawn.length < count; i++) {
    const shape = kinds[i % kinds.length]();
    if (fits(shape)) drawn.push(shape);
  }
  return drawn;
}
