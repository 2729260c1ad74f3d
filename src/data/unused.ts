// An option that would do nothing is refused, never ignored.
import { NeocogError } from "../base/errors.ts";

/** An option that cannot do anything for the data it is given for. */
export class UnusedOption extends NeocogError {
  override name = "UnusedOption";
  readonly option: string;
  /** The rest of the sentence after the option's name. */
  readonly reason: string;

  constructor(option: string, reason: string) {
    super(`The option ${option} ${reason}`);
    this.option = option;
    this.reason = reason;
  }
}
