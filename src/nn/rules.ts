// What layers and initialisers look like, as rules for options and arguments.
import { like, options, type Rule } from "../base/rules.ts";
import { isInitialiser } from "./initialiser.ts";

export const initialiser: Rule = {
  must: "an initialiser such as kaimingNormal() or constant(0)",
  accepts: isInitialiser,
};

/** Initialisers for all layers that do not name their own. */
export const initRule: Rule = {
  ...options({ weight: initialiser, bias: initialiser }),
  must: "initialisers by name, such as { weight: init.kaimingNormal() }",
};

/** A layer: told by its form, so that it may come from another copy of the library. */
export const layer: Rule = like("a layer, such as ReLU() or Sequential([…])", "type", "options", "children");
