// What an initialiser is, as plain data, so that a model can be written to a file with it. init.ts makes them, draw.ts draws by them.
import { isRecord, oneOf, optional, type RuleTable, real, whole } from "../base/rules.ts";

/** What follows the weights: decides by how much they are scaled up (torch.nn.init.calculate_gain). */
export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

/** Options of Kaiming's (He's) initialisers. */
export interface KaimingOptions {
  /** Keep the variance of the values on the way forward (fanIn, the default) or of the gradients on the way back (fanOut). */
  readonly mode?: "fanIn" | "fanOut";
  /** What follows the weights; "leakyRelu" unless told, as in PyTorch. */
  readonly nonlinearity?: Nonlinearity;
  /** Slope of leakyRelu below zero; 0 unless told. */
  readonly slope?: number;
}

/** How a parameter starts, as plain data: what the functions of `init` give. */
export type Initialiser =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "normal"; readonly mean: number; readonly std: number }
  | {
      readonly kind: "truncNormal";
      readonly mean: number;
      readonly std: number;
      readonly low: number;
      readonly high: number;
    }
  | ({ readonly kind: "kaimingUniform" | "kaimingNormal" } & Required<KaimingOptions>)
  | { readonly kind: "xavierUniform" | "xavierNormal"; readonly gain: number }
  | { readonly kind: "orthogonal"; readonly gain: number }
  | { readonly kind: "dirac"; readonly groups: number };

export const gainRule = { gain: optional(real(0)) };
export const kaimingRules = {
  mode: oneOf(["fanIn", "fanOut"]),
  nonlinearity: oneOf(["linear", "sigmoid", "tanh", "relu", "leakyRelu", "selu"]),
  slope: real(),
};

/** What each kind holds; also the arguments of its function. */
export const kinds = {
  constant: { value: real() },
  uniform: { low: optional(real()), high: optional(real()) },
  normal: { mean: optional(real()), std: optional(real(0)) },
  truncNormal: { mean: optional(real()), std: optional(real(0)), low: optional(real()), high: optional(real()) },
  kaimingUniform: kaimingRules,
  kaimingNormal: kaimingRules,
  xavierUniform: gainRule,
  xavierNormal: gainRule,
  orthogonal: gainRule,
  dirac: { groups: optional(whole(1)) },
} as const satisfies Record<Initialiser["kind"], RuleTable>;

/** Whether a value (from a file, say) is an initialiser with all that it needs. */
export function isInitialiser(value: unknown): value is Initialiser {
  if (!isRecord(value) || typeof value.kind !== "string" || !Object.hasOwn(kinds, value.kind)) return false;
  const fields: RuleTable = kinds[value.kind as Initialiser["kind"]];
  return Object.entries(fields).every(([name, rule]) => rule.accepts(value[name]));
}
