// Options of `train` that say how weights are learnt, beside the rate.
import { choice, flag, type OptionCard, real, share, UsageError, whole } from "../command.ts";

/** `balanced`, or a number for each class. */
const classWeights: OptionCard<"balanced" | readonly number[]> = {
  flags: "--class-weights <weights>",
  about: "how much a picture of each class counts: balanced, none, or a number for each class in their order (1,2.5,1)",
  read(value) {
    if (value === "balanced") return value;
    if (value === "none") return [];
    const numbers = value.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
    if (numbers.some((n) => !(n >= 0 && Number.isFinite(n)))) {
      throw new UsageError(
        `--class-weights takes balanced, none, or numbers of at least 0 with commas between them, not "${value}".`,
      );
    }
    return numbers;
  },
};

export const trainingOptions = {
  classWeights,
  balanced: flag("--balanced", "show every class equally often, whatever its number of pictures"),
  labelSmoothing: share("--label-smoothing <share>", "share of each label that is spread over all classes"),
  patience: whole("--patience <epochs>", "stop when the validation has not become better for so long"),
  weightDecay: real("--weight-decay <share>", "how strongly weights are drawn to 0", -Number.MIN_VALUE),
  schedule: choice("--schedule <name>", "how the rate changes on the way", [
    "constant",
    "cosine",
    "linear",
    "one-cycle",
  ]),
  average: share("--average <decay>", "use a running average of the weights, 0.99 …"),
} satisfies Record<string, OptionCard>;
