// What a classifier is trained to make small, as plain data.
import { checkRecord } from "../base/arguments.ts";
import { unknownName } from "../base/errors.ts";
import { real } from "../base/rules.ts";

/** Mean cross-entropy of the logits; label smoothing after Szegedy et al. 2015. */
export interface LossDescription {
  /** The only loss there is. */
  readonly name: "crossEntropy";
  /** Share of the target that is spread evenly over all classes, 0 to 1; 0 unless told. */
  readonly labelSmoothing?: number;
}

/** Refuses a loss that is unknown or impossible. */
export function checkLoss(description: LossDescription): void {
  const { name, ...rest } = description;
  if (name !== "crossEntropy") throw unknownName("loss", String(name), ["crossEntropy"]);
  checkRecord(`Loss ${name}`, rest, { labelSmoothing: real(0, 1) });
}
