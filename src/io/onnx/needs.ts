// What a graph must know while it is built, and only the numbers of an input tell.
import { NeocogError } from "../../base/errors.ts";

/** The graph cannot be built before the numbers of some inputs are known: give them as `values`. */
export class NeedsValueError extends NeocogError {
  override name = "NeedsValueError";
  readonly inputs: readonly string[];
  constructor(message: string, inputs: readonly string[]) {
    super(message);
    this.inputs = inputs;
  }
}
