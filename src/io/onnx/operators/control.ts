// If and Loop. A graph here is static: a branch that is known is taken, one that data decides becomes a choice between the
// results of both, and a loop with a fixed number of turns is written out.
import { ndarray } from "../../../base/array.ts";
import { DataError, NeocogError } from "../../../base/errors.ts";
import { atMost, limits } from "../../../base/limits.ts";
import { formatShape, sameShape } from "../../../base/shape.ts";
import { constantTensor, type Tensor } from "../../../graph/graph.ts";
import { cast, where } from "../../../ops/arithmetic.ts";
import { concat } from "../../../ops/copy.ts";
import { reshape } from "../../../ops/reshape.ts";
import { type Attributes, type Context, type Inputs, optional, row, type Table } from "../row.ts";
import type { OnnxGraph } from "../schema.ts";

function graphOf(attributes: Attributes, name: string): OnnxGraph {
  const graph = attributes.graph(name);
  if (!graph) throw new DataError(`it has no ${name}.`);
  return graph;
}

function condition([test]: Inputs, attributes: Attributes, context: Context): Tensor[] {
  const [yes, no] = [graphOf(attributes, "then_branch"), graphOf(attributes, "else_branch")];
  const known = context.known(test);
  if (known) return context.inline(known.data[0] !== 0 ? yes : no);
  const chosen = [context.inline(yes), context.inline(no)];
  if (chosen[0].length !== chosen[1].length)
    throw new DataError(`its branches give ${chosen[0].length} and ${chosen[1].length} outputs.`);
  const scalar = reshape(test, []);
  return chosen[0].map((a, i) => {
    const b = chosen[1][i];
    if (sameShape(a.shape, b.shape) && a.dtype === b.dtype) {
      const either = where(scalar, a, b);
      return either.dtype === a.dtype ? either : cast(either, a.dtype);
    }
    const forms = `${a.dtype} ${formatShape(a.shape)} in one branch and ${b.dtype} ${formatShape(b.shape)} in the other`;
    throw context.needs(test, `its condition, which chooses between results that differ (${forms}),`);
  });
}

/**
 * Inputs: number of turns M, condition, then what is carried from turn to turn. The body reads (turn, condition, …carried)
 * and gives (condition, …carried, …what is stacked over all turns).
 */
function loop(inputs: Inputs, attributes: Attributes, context: Context): Tensor[] {
  const body = graphOf(attributes, "body");
  const [turns, start] = [optional(inputs, 0), optional(inputs, 1)];
  let carried = inputs.slice(2);
  if (body.inputs.length !== carried.length + 2 || body.outputs.length < carried.length + 1) {
    throw new DataError(
      `its body reads ${body.inputs.length} and gives ${body.outputs.length} values, which does not fit the ${carried.length} that it carries.`,
    );
  }
  const most = turns ? context.constant(turns, "its number of turns").data[0] : Infinity;
  let goesOn = start ? context.constant(start, "its first condition").data[0] !== 0 : true;
  const stacks: Tensor[][] = body.outputs.slice(carried.length + 1).map(() => []);
  for (let turn = 0; goesOn && turn < most; turn++) {
    if (turn === limits.loopTurns.most)
      throw new NeocogError(`it would take too many turns to be written out: ${atMost(limits.loopTurns)}.`);
    const flag = constantTensor(ndarray([], [1], "bool"));
    const [next, ...made] = context.inline(body, [constantTensor(ndarray([], [turn], "int64")), flag, ...carried]);
    goesOn = context.constant(next, "the condition of its next turn").data[0] !== 0;
    carried = made.slice(0, carried.length);
    stacks.forEach((stack, i) => {
      const one = made[carried.length + i];
      stack.push(reshape(one, [1, ...one.shape]));
    });
  }
  if (stacks.some((stack) => stack.length === 0))
    throw new NeocogError("it takes no turn, so that the shape of what it stacks is not known.");
  return [...carried, ...stacks.map((stack) => concat(stack, 0))];
}

export const controlTable: Table = {
  If: row(1, condition),
  Loop: row(0, loop),
};
