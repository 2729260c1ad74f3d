// An option that would do nothing is refused, never ignored.
import { NeocogError } from "./errors.ts";

/** An option that cannot do anything where it is given. */
export class UnusedOption extends NeocogError {
  /** "UnusedOption": tells the kind where `instanceof` cannot. */
  override name = "UnusedOption";
  /** Name of the option. */
  readonly option: string;
  /** The rest of the sentence after the option's name. */
  readonly reason: string;

  /** The option's name and the rest of the sentence. */
  constructor(option: string, reason: string) {
    super((name) => `${name(option)} ${reason}`);
    this.option = option;
    this.reason = reason;
  }
}
