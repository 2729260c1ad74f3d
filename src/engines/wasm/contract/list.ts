// The strategies for contractions, in the order of preference where estimates are equal. Those that take only some contractions
// are loaded when a plan has one: the condition is a part of their own, which contract.test.ts holds against what they take.
import type { ContractKernel } from "../../../kernel/kernel.ts";
import { type Family, present } from "../strategy.ts";
import type { ContractStrategy } from "./contraction.ts";
import { directStrategy } from "./inPlace/direct.ts";
import { rowStrategy } from "./inPlace/row.ts";
import { gemmStrategy } from "./packed/gemm.ts";
import { matvecStrategy } from "./packed/matvec.ts";

const sumsOverImages = ({ form }: ContractKernel): boolean =>
  form.kind === "convolution" && form.role === "filterGradient";
const sumsOverChannels = ({ form }: ContractKernel): boolean =>
  form.kind === "convolution" && form.role !== "filterGradient";
const isThreeByThree = ({ form }: ContractKernel): boolean =>
  form.kind === "convolution" && form.geometry.kernel.length === 2 && form.geometry.kernel.every((taps) => taps === 3);
const isDepthwise = ({ form }: ContractKernel): boolean =>
  form.kind === "convolution" && Math.min(form.geometry.inChannels, form.geometry.outChannels) === form.geometry.groups;
const hasImages = ({ form }: ContractKernel): boolean => form.kind === "convolution" && form.geometry.batch >= 4;

export const contractFamilies: readonly Family<ContractKernel, ContractStrategy>[] = [
  present(
    gemmStrategy({ rows: 6, vectors: 2 }),
    gemmStrategy({ rows: 6, vectors: 4 }),
    matvecStrategy,
    directStrategy({ rows: 4, vectors: 2 }),
    directStrategy({ rows: 3, vectors: 3 }),
    rowStrategy({ rows: 4, vectors: 2 }),
    rowStrategy({ rows: 2, vectors: 4 }),
  ),
  {
    mayTake: (kernel) => sumsOverChannels(kernel) && isDepthwise(kernel),
    load: async () => [(await import("./depthwise/depthwise.ts")).depthwiseStrategy],
  },
  {
    mayTake: (kernel) => sumsOverChannels(kernel) && hasImages(kernel),
    async load() {
      const { imagesStrategy } = await import("./images/images.ts");
      return [
        imagesStrategy({ rows: 2, vectors: 4 }),
        imagesStrategy({ rows: 4, vectors: 2 }),
        imagesStrategy({ rows: 4, vectors: 4 }),
        imagesStrategy({ rows: 6, vectors: 4 }),
      ];
    },
  },
  {
    mayTake: (kernel) => sumsOverChannels(kernel) && isThreeByThree(kernel),
    async load() {
      const { winogradStrategy } = await import("./winograd/winograd.ts");
      return ["f2x3", "f2.4x3", "f4x3", "f2x3s2", "f2.4x3s2", "f4x3s2"].map(winogradStrategy);
    },
  },
  { mayTake: sumsOverImages, load: async () => (await import("./filters.ts")).filterStrategies },
];
