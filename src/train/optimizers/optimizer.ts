// Optimizers as plain data: { name: "sgd", lr: 0.1, momentum: 0.9 }. Names, meanings and defaults of the options are
// PyTorch's. What an optimizer does is a row of cards.ts: graph from (weight, gradient, learning rate) to new values.

interface Common {
  /** Learning rate at the start; a schedule multiplies or replaces it. */
  readonly lr?: number;
  /** L2 penalty (decoupled from the gradient for AdamW). */
  readonly weightDecay?: number;
  /** Which parameters decay: all (PyTorch's way), or only those of two axes and more: no bias, no scale of a norm. */
  readonly decayOn?: "all" | "weights";
}

/** Stochastic gradient descent, with momentum (Polyak 1964) or Nesterov's (Sutskever et al. 2013). */
export interface SgdOptions extends Common {
  readonly momentum?: number;
  readonly dampening?: number;
  readonly nesterov?: boolean;
}

/** Kingma & Ba 2014; amsgrad after Reddi et al. 2018. */
export interface AdamOptions extends Common {
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly amsgrad?: boolean;
}

/** Tieleman & Hinton 2012; centered after Graves 2013. */
export interface RmspropOptions extends Common {
  readonly alpha?: number;
  readonly eps?: number;
  readonly momentum?: number;
  readonly centered?: boolean;
}

export type OptimizerDescription =
  | ({ readonly name: "sgd" } & SgdOptions)
  | ({ readonly name: "adam" | "adamW" } & AdamOptions)
  | ({ readonly name: "rmsprop" } & RmspropOptions);

export const SGD = (options: SgdOptions = {}): OptimizerDescription => ({ name: "sgd", ...options });
export const Adam = (options: AdamOptions = {}): OptimizerDescription => ({ name: "adam", ...options });
/** Loshchilov & Hutter 2017. */
export const AdamW = (options: AdamOptions = {}): OptimizerDescription => ({ name: "adamW", ...options });
export const RMSprop = (options: RmspropOptions = {}): OptimizerDescription => ({ name: "rmsprop", ...options });
