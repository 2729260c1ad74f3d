// Which parts of a network move in a run, and how fast: frozen by pattern, rates by pattern, opened from the head down.
//
//   freeze: ["conv1", "layer1.*"]      rates: [{ of: "fc", times: 1 }, { of: "*", times: 0.1 }]      unfreeze: { every: 2 }
//
// A pattern names layers or parameters by their dotted path, * standing for any letters; what it names it names with all below.
// A frozen layer is as PyTorch's eval() makes it: no gradient, a batch norm that reads its running statistics and leaves them.
import { checkRecord } from "../base/arguments.ts";
import { NeocogError, nearest } from "../base/errors.ts";
import {
  above,
  options as byName,
  listOf,
  type Rule,
  type Rules,
  record,
  required,
  text,
  whole,
} from "../base/rules.ts";
import { attributesIf, type Tensor, variableOp } from "../graph/graph.ts";

/** How fast a part of the network moves. */
export interface PartRate {
  /** A pattern of paths, such as "layer4.*"; of several that fit the first counts. */
  readonly of: string;
  /** What the learning rate is multiplied by there. */
  readonly times: number;
}

/** How a network is opened for training part by part, from its head down. */
export interface Unfreezing {
  /** Epochs after which one more group moves. */
  readonly every: number;
  /** Patterns of the groups, the first to move first; the outermost names of the network from the last up unless told. */
  readonly groups?: readonly string[];
}

const patterns = listOf(text, 'a list of patterns such as "layer1.*"');

const rateRules = { of: required(text), times: required(above(0)) } satisfies Rules<PartRate>;

/** What the options may be. */
export const partRules = {
  freeze: patterns,
  rates: listOf(record, 'a list of rates such as { of: "layer4.*", times: 0.1 }'),
};

export const unfreezingRule: Rule = byName<Unfreezing>({
  every: required(whole(1)),
  groups: patterns,
} satisfies Rules<Unfreezing>);

const compiled = new Map<string, RegExp>();

/** Whether a pattern names the layer or parameter of a path, or something that it lies in. */
export function names(pattern: string, path: string): boolean {
  let expression = compiled.get(pattern);
  if (!expression) {
    const letters = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
    expression = new RegExp(`^(?:${letters.join(".*")})(?:\\.|$)`);
    compiled.set(pattern, expression);
  }
  return expression.test(path);
}

/** The options that say which parts move. */
export interface PartOptions {
  readonly freeze?: readonly string[] | undefined;
  readonly rates?: readonly PartRate[] | undefined;
  readonly unfreeze?: Unfreezing | undefined;
}

/** What moves in one stage of a run, by paths and names of parameters. */
export interface Parts {
  /** Whether a layer or parameter stays as it is. */
  frozen(path: string): boolean;
  /** What the learning rate of a parameter is multiplied by. */
  times(name: string): number;
  /** The stage, from 0, that a parameter moves from. */
  since(name: string): number;
  /** How many stages there are. */
  readonly stages: number;
}

/** Everything moves, by the learning rate as it is. */
export const allParts: Parts = { frozen: () => false, times: () => 1, since: () => 0, stages: 1 };

const nameOf = ({ node }: Tensor): string => attributesIf(node, variableOp)!.name;
const first = (path: string): string => path.split(".")[0];

/** The outermost names of parameters from the last up; a batch norm goes with the layer before it. */
function usualGroups(parameters: readonly Tensor[]): string[][] {
  const groups: string[][] = [];
  const flat = new Map<string, boolean>();
  for (const tensor of parameters) {
    const part = first(nameOf(tensor));
    flat.set(part, (flat.get(part) ?? true) && tensor.shape.length < 2);
  }
  for (const [part, isFlat] of flat) {
    if (isFlat && groups.length > 0) groups.at(-1)!.push(part);
    else groups.push([part]);
  }
  return groups.reverse();
}

/** The groups in the order in which they are opened; what no pattern names comes last. */
function groupsOf({ groups }: Unfreezing, parameters: readonly Tensor[]): readonly (readonly string[])[] {
  if (!groups) return usualGroups(parameters);
  const left = parameters.map(nameOf).filter((name) => !groups.some((pattern) => names(pattern, name)));
  // Whole layers, so that a batch norm is named with its weight.
  const rest = left.map((name) => (name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : name));
  return [...groups.map((pattern) => [pattern]), ...(rest.length > 0 ? [[...new Set(rest)]] : [])];
}

/**
 * What moves in a stage of training (from 0; all that ever moves by the last). `parameters`: all of the network's that can be
 * trained. Throws for a pattern that names nothing, and where nothing would move.
 */
export function partsOf(options: PartOptions, parameters: readonly Tensor[], stage = 0): Parts {
  const { freeze = [], rates = [], unfreeze } = options;
  const all = parameters.map(nameOf);
  for (const rate of rates) checkRecord("rates", { ...rate }, rateRules);
  for (const pattern of [...freeze, ...rates.map(({ of }) => of), ...(unfreeze?.groups ?? [])]) {
    if (!all.some((name) => names(pattern, name))) throw namesNothing(pattern, all);
  }
  const held = (path: string): boolean => freeze.some((pattern) => names(pattern, path));
  const movable = parameters.filter((tensor) => !held(nameOf(tensor)));
  if (movable.length === 0 && all.length > 0) {
    throw new NeocogError(
      (name) => `Nothing is left to train: ${name("freeze")} holds every part of the network; leave out its head.`,
    );
  }
  const groups = unfreeze ? groupsOf(unfreeze, movable) : [];
  // A layer that no group names, such as a dropout between two, is no part that is waited for.
  const groupOf = (path: string): number =>
    Math.max(
      0,
      groups.findIndex((group) => group.some((pattern) => names(pattern, path))),
    );
  return {
    frozen: (path) => held(path) || groupOf(path) > stage,
    times: (name) => rates.find(({ of }) => names(of, name))?.times ?? 1,
    since: groupOf,
    stages: Math.max(1, groups.length),
  };
}

function namesNothing(pattern: string, parameters: readonly string[]): NeocogError {
  const parts = [...new Set(parameters.map(first))];
  const near = nearest(first(pattern), parts);
  const told = parts.length <= 12 ? parts.join(", ") : `${parts.slice(0, 12).join(", ")} and ${parts.length - 12} more`;
  return new NeocogError(
    `Nothing that is trained is called "${pattern}"${near && near !== pattern ? `; did you mean "${near}"?` : "."} The network has ${told}.`,
  );
}
