// What a classifier is trained to make small, as plain data.
import { checkOptions, unknownName } from "../base/errors.ts";

/** Mean cross-entropy of the logits; label smoothing after Szegedy et al. 2015. */
export interface LossDescription {
  readonly name: "crossEntropy";
  readonly labelSmoothing?: number;
}

/** Refuses a loss that is unknown or impossible. */
export function checkLoss({ name, ...rest }: LossDescription): void {
  if (name !== "crossEntropy") throw unknownName("loss", String(name), ["crossEntropy"]);
  checkOptions(`Loss ${name}`, rest, ["labelSmoothing"]);
}
