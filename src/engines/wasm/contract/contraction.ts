// A strategy for contractions: like any other (strategy.ts), and with the cases that its test draws.
import type { ContractKernel, ConvolutionForm } from "../../../kernel/kernel.ts";
import { type Definition, type Strategy, strategy } from "../strategy.ts";

/** Between which numbers the sizes of a random convolution lie, both included. */
export interface Ranges {
  /** Which of the three convolutions; any where it is not said. */
  readonly roles?: readonly ConvolutionForm["role"][];
  /** Images: 1 to 3 where it is not said. */
  readonly batch?: readonly [number, number];
  readonly axes: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly size: readonly [number, number];
  /** Channels of a group, and its filters: like the channels where they are not said. */
  readonly channels: readonly [number, number];
  readonly filters?: readonly [number, number];
  readonly groups: readonly number[];
}

/** What a strategy takes, so that a test meets enough of it by chance: convolutions, or matrix products of at most so many rows. */
export interface Cases {
  readonly convolutions?: Ranges;
  readonly rows?: number;
}

/** Convolutions that sum over channels, and those that sum over images. */
export const towardsImages = ["forward", "inputGradient"] as const;
export const towardsFilters = ["filterGradient"] as const;

export const anything: Ranges = {
  axes: [1, 3],
  kernel: [1, 4],
  stride: [1, 3],
  dilation: [1, 3],
  size: [1, 11],
  channels: [1, 9],
  groups: [1, 1, 2, 3],
};

export interface ContractStrategy extends Strategy<ContractKernel> {
  readonly cases: Cases;
}

export const contraction = <P extends object>(
  definition: Definition<ContractKernel, P> & { readonly cases: Cases },
): ContractStrategy => ({ ...strategy(definition), cases: definition.cases });
