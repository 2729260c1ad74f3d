// Einstein's sums: products and sums over named axes. A repeated letter of one operand is its diagonal; then the operands
// are multiplied one by one, each as one batch of matrix products over the letters that nobody asks for afterwards.
import { understand } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { listOf, text } from "../base/rules.ts";
import { formatShape, sizeOf } from "../base/shape.ts";
import { type Tensor, tensor } from "../graph/graph.ts";
import { mul } from "./arithmetic.ts";
import { pad, permute, slice } from "./copy.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./reshape.ts";
import { broadcastTo, sum } from "./sum.ts";

/** A tensor whose axes have names. */
interface Named {
  readonly x: Tensor;
  readonly axes: readonly string[];
}

/**
 * Products and sums over named axes (torch.einsum, ONNX's Einsum): `einsum("bij,bjk->bik", [a, b])` is a batch of matrix
 * products, `einsum("ii->i", [x])` a diagonal, `einsum("bhqd,bhkd->bhqk", [q, k])` the scores of attention. A letter is an
 * axis; letters that the result does not name are summed over; "…" as `...` stands for axes that broadcast. Without `->`
 * the result names, in alphabetical order, what stands once. Throws a ShapeError where letters and axes do not agree.
 */
export function einsum(equation: string, operands: readonly Tensor[]): Tensor {
  understand("einsum", arguments, { equation: text, operands: listOf(tensor, "tensors", 1) });
  const { terms, result } = parse(equation, operands);
  let named = operands.map((x, i) => diagonals({ x, axes: terms[i] }));
  named = agreed(equation, named);
  let product = named[0];
  named.slice(1).forEach((next, i) => {
    const later = new Set([...result, ...named.slice(i + 2).flatMap(({ axes }) => axes)]);
    product = times(product, next, later);
  });
  return ordered(product, result);
}

/** The names of every operand's axes and of the result's; an ellipsis becomes names such as "...0", counted from the last. */
function parse(equation: string, operands: readonly Tensor[]): { terms: string[][]; result: string[] } {
  const said = (why: string): ShapeError => new ShapeError(`einsum "${equation}": ${why}`);
  const [left, right, more] = equation.replaceAll(" ", "").split("->");
  const words = left.split(",");
  if (more !== undefined) throw said("it has more than one arrow.");
  if (words.length !== operands.length) {
    throw said(`it names ${words.length} operands, but ${operands.length} are given.`);
  }
  let widest = 0;
  const lettersOf = (word: string): [before: string[], after: string[] | undefined] => {
    const [before, after, third] = word.split("...");
    if (third !== undefined || /[^A-Za-z]/.test(before + (after ?? ""))) {
      throw said(`"${word}" is not made of letters and at most one "...".`);
    }
    return [[...before], after === undefined ? undefined : [...after]];
  };
  const dots = (count: number): string[] => Array.from({ length: count }, (_, i) => `...${count - 1 - i}`);
  const terms = words.map((word, i) => {
    const [before, after] = lettersOf(word);
    const { shape } = operands[i];
    const spare = shape.length - before.length - (after?.length ?? 0);
    if (after === undefined ? spare !== 0 : spare < 0) {
      throw said(`"${word}" names ${before.length + (after?.length ?? 0)} axes of ${formatShape(shape)}.`);
    }
    widest = Math.max(widest, spare);
    return [...before, ...dots(spare), ...(after ?? [])];
  });
  if (right === undefined) {
    const letters = terms.flat().filter((name) => !name.startsWith("..."));
    const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
    return { terms, result: [...dots(widest), ...once.sort()] };
  }
  const [before, after] = lettersOf(right);
  const result = [...before, ...(after === undefined ? [] : dots(widest)), ...(after ?? [])];
  const known = new Set(terms.flat());
  const strange = result.find((name) => !known.has(name));
  if (strange) throw said(`the result names "${strange}", which no operand has.`);
  if (new Set(result).size < result.length) throw said(`the result names a letter twice.`);
  return { terms, result };
}

/** Repeated letters as one: in n x n numbers with n zeros behind, cut into rows of n + 1, the first column is the diagonal. */
function diagonals({ x, axes }: Named): Named {
  const second = axes.findIndex((name, i) => axes.indexOf(name) < i);
  if (second < 0) return { x, axes };
  const first = axes.indexOf(axes[second]);
  const n = x.shape[first];
  if (x.shape[second] !== n) {
    throw new ShapeError(
      `einsum: "${axes[second]}" stands for the axes ${first} and ${second} of ${formatShape(x.shape)}, which differ.`,
    );
  }
  const others = axes.map((_, i) => i).filter((i) => i !== first && i !== second);
  const moved = permute(x, [...others, first, second]);
  const lead = others.map((i) => x.shape[i]);
  const none = lead.map(() => 0);
  const rows = reshape(pad(reshape(moved, [...lead, n * n]), [...none, 0], [...none, n], "constant"), [
    ...lead,
    n,
    n + 1,
  ]);
  const column = slice(rows, [...lead.map(() => undefined), undefined, { start: 0, stop: 1 }]);
  return diagonals({ x: reshape(column, [...lead, n]), axes: [...others.map((i) => axes[i]), axes[first]] });
}

/** Every operand with the joint size of its axes: sizes of one name are equal, or 1 and stretched. */
function agreed(equation: string, named: readonly Named[]): Named[] {
  const sizes = new Map<string, number>();
  for (const { x, axes } of named) {
    axes.forEach((name, i) => {
      const size = x.shape[i];
      const known = sizes.get(name) ?? 1;
      if (known !== 1 && size !== 1 && known !== size) {
        const which = name.startsWith("...") ? "an axis of ..." : `"${name}"`;
        throw new ShapeError(
          `einsum "${equation}": ${which} has ${known} places in one operand and ${size} in another.`,
        );
      }
      if (known === 1) sizes.set(name, size);
    });
  }
  return named.map(({ x, axes }) => {
    const shape = axes.map((name) => sizes.get(name) ?? 1);
    return { x: shape.some((n, i) => n !== x.shape[i]) ? broadcastTo(x, shape) : x, axes };
  });
}

/** The product of two, summed over the names that nothing later needs. */
function times(a: Named, b: Named, later: ReadonlySet<string>): Named {
  const left = summed(a, new Set([...later, ...b.axes]));
  const right = summed(b, new Set([...later, ...a.axes]));
  const shared = left.axes.filter((name) => right.axes.includes(name));
  const batch = shared.filter((name) => later.has(name));
  const inner = shared.filter((name) => !later.has(name));
  const rows = left.axes.filter((name) => !shared.includes(name));
  const columns = right.axes.filter((name) => !shared.includes(name));
  const sizesOf = (names: readonly string[], { x, axes }: Named): number[] =>
    names.map((name) => x.shape[axes.indexOf(name)]);
  const [b0, m, n, k] = [sizesOf(batch, left), sizesOf(rows, left), sizesOf(columns, right), sizesOf(inner, left)];
  const axes = [...batch, ...rows, ...columns];
  const shape = [...b0, ...m, ...n];
  const l = ordered(left, [...batch, ...rows, ...inner]);
  const r = ordered(right, [...batch, ...inner, ...columns]);
  if (inner.length === 0) {
    const ones = (sizes: readonly number[]): number[] => sizes.map(() => 1);
    return { x: mul(reshape(l, [...b0, ...m, ...ones(n)]), reshape(r, [...b0, ...ones(m), ...n])), axes };
  }
  const y = matmul(reshape(l, [sizeOf(b0), sizeOf(m), sizeOf(k)]), reshape(r, [sizeOf(b0), sizeOf(k), sizeOf(n)]));
  return { x: reshape(y, shape), axes };
}

/** Summed over the names that are not kept. */
function summed({ x, axes }: Named, kept: ReadonlySet<string>): Named {
  const gone = axes.flatMap((name, i) => (kept.has(name) ? [] : [i]));
  return gone.length === 0 ? { x, axes } : { x: sum(x, gone), axes: axes.filter((name) => kept.has(name)) };
}

/** Just these axes, in this order. */
function ordered(named: Named, names: readonly string[]): Tensor {
  const { x, axes } = summed(named, new Set(names));
  return names.every((name, i) => axes[i] === name)
    ? x
    : permute(
        x,
        names.map((name) => axes.indexOf(name)),
      );
}
