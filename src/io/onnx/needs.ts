// What a graph must know while it is built, and only the numbers of an input tell.
import { NeocogError } from "../../base/errors.ts";

/** The graph cannot be built before the numbers of some inputs are known: give them as `values`. */
export class NeedsValueError extends NeocogError {
  /** "NeedsValueError": tells the kind where `instanceof` cannot. */
  override name = "NeedsValueError";
  /** Names of the inputs whose numbers must be known while the graph is built. */
  readonly inputs: readonly string[];
  /** An error of these words that names the inputs. */
  constructor(what: string, inputs: readonly string[]) {
    super(what);
    this.inputs = inputs;
  }
}
