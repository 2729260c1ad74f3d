// What a row of the layer tables sees: the values that flow in, the layer's config, and its weights. A row is a function
// from these to one value; the other files of this folder hold one table a family.
import { DataError, NeocogError } from "../../../base/errors.ts";
import type { Tensor } from "../../../graph/graph.ts";
import { type Fields, isList, isNumber, wholes } from "../fields.ts";
import { asFirst, asPlain, channelsFirst, plain, type Value, type Weight } from "../value.ts";

export interface LayerContext {
  /** A weight by its name inside the layer, such as "kernel". */
  weight(local: string): Weight;
}

export type LayerRow = (inputs: readonly Value[], config: Fields, context: LayerContext) => Value;
export type LayerTable = Readonly<Record<string, LayerRow>>;

/** A number for every axis, or a list of one an axis. */
export function perAxis(config: Fields, name: string, rank: number, otherwise?: number): number[] {
  const value = config.raw(name) ?? otherwise;
  const list = isNumber(value) ? new Array<number>(rank).fill(value) : wholes(value, `its ${name}`);
  // One-dimensional layers write their one number with or without a list.
  if (list.length !== rank || list.some((n) => !Number.isSafeInteger(n) || n < 0))
    throw new DataError(`its ${name} should be ${rank} whole numbers.`);
  return list;
}

const isChannelsFirst = (config: Fields): boolean => {
  const format = config.text("data_format", "channels_last");
  if (format !== "channels_last" && format !== "channels_first") throw unsupported(`data_format "${format}"`);
  return format === "channels_first";
};

/** The maps that flow into a layer as [N, C, …sizes], whichever order it was written for. */
export const mapsOf = (value: Value, config: Fields): Tensor =>
  isChannelsFirst(config) ? asPlain(value) : asFirst(value);

export const fromMaps = (maps: Tensor, config: Fields): Value =>
  isChannelsFirst(config) ? plain(maps) : channelsFirst(maps);

/** Cells before and behind each axis: one number, a number an axis, or a pair an axis. */
export function pairs(config: Fields, name: string, rank: number): [number, number][] {
  const value = config.raw(name);
  const list = isList(value) ? value : new Array(rank).fill(value ?? 1);
  // ZeroPadding1D writes its pair without an outer list.
  const own = rank === 1 && list.length === 2 ? [list] : list;
  if (own.length !== rank) throw new DataError(`its ${name} should have ${rank} entries.`);
  return own.map((entry) => {
    const pair = wholes(isList(entry) ? entry : [entry, entry], `its ${name}`);
    if (pair.length !== 2) throw new DataError(`its ${name} should hold pairs.`);
    return [pair[0], pair[1]];
  });
}

export function unsupported(what: string): NeocogError {
  return new NeocogError(`${what} is not supported.`);
}
