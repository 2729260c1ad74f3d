// Activations by name, for layers and files: the list is what activations.ts exports.
import { understand } from "../base/arguments.ts";
import { unknownOption } from "../base/errors.ts";
import { oneOf, optional, real, recordOf } from "../base/rules.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import * as functions from "./activations.ts";
import { type OfRow, type Pointwise, type Row, rowsOf } from "./row.ts";

type Functions = typeof functions;

type Named<Name> = Name extends keyof Functions ? (Functions[Name] extends OfRow ? Name : never) : never;

/** The names of the activations: "relu", "leakyRelu", "gelu", … */
export type ActivationName = Named<keyof Functions>;

/** The options of an activation. */
export type ActivationOptions<Name extends ActivationName> =
  Functions[Name] extends Pointwise<infer Options> ? Options : never;

const byName = new Map(rowsOf(functions).map((apply) => [apply.row.name, apply]));

/** What is known of every activation, by name. */
export const activations = Object.fromEntries([...byName].map(([name, { row }]) => [name, row])) as Readonly<
  Record<ActivationName, Row>
>;

/** The names of the activations, for lists. */
export const activationNames = Object.keys(activations) as ActivationName[];

/**
 * Applies an activation by name, element by element, the same shape: `activation("leakyRelu", x, { negativeSlope: 0.2
 * })`. Parameters left out take PyTorch's defaults. Throws for an unknown name or parameter, with the nearest right
 * one.
 */
export function activation(name: ActivationName, x: Tensor, parameters: Readonly<Record<string, number>> = {}): Tensor {
  understand("activation", arguments, {
    name: oneOf(activationNames),
    x: tensor,
    parameters: optional(recordOf(real(), "parameters by name, such as { negativeSlope: 0.2 }")),
  });
  const apply = byName.get(name) as unknown as (x: Tensor, options?: object) => Tensor;
  const { defaults } = activations[name];
  if (Object.keys(defaults).length > 0) return apply(x, parameters);
  for (const key of Object.keys(parameters)) throw unknownOption(name, key, []);
  return apply(x);
}
