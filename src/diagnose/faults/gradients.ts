// Gradients that fade on their way to the input, or grow on it.
import { diagnosis, short } from "../diagnosis.ts";

const faint = 1e-4;
const steep = 10;

export const vanishingGradients = diagnosis({
  name: "vanishing-gradients",
  about: "early layers get next to no gradient, so they hardly learn",
  needs: ["gradients"],
  untrained: true,
  threshold: `a gradient by the weights' size below ${faint} of the largest layer's`,
  source: "Glorot & Bengio 2010; Hochreiter 1991",
  next: "use ReLU and batch norm in place of sigmoids, or a network with shortcuts (--model resnet18)",
  look({ gradients: { layers, pictures } }) {
    if (layers.length < 2) return [];
    const largest = layers.reduce((a, b) => (b.ratio > a.ratio ? b : a));
    const small = layers.filter(({ ratio }) => ratio < faint * largest.ratio);
    if (small.length === 0 || !Number.isFinite(largest.ratio)) return [];
    const least = small.reduce((a, b) => (b.ratio < a.ratio ? b : a));
    return [
      {
        severity: small.length * 4 >= layers.length ? "severe" : "warning",
        said: `The gradient of ${least.name} is ${short(least.ratio)} of its weights, that of ${largest.name} ${short(largest.ratio)} (${pictures} pictures); ${small.length} of ${layers.length} layers are that faint.`,
        evidence: {
          ...{ layer: least.name, value: least.ratio, largest: largest.ratio, gradient: least.gradient },
          ...{ layers: small.map(({ name }) => name), threshold: faint * largest.ratio },
        },
      },
    ];
  },
});

export const explodingGradients = diagnosis({
  name: "exploding-gradients",
  about: "gradients are far larger than the weights that they shall move a little",
  needs: ["gradients"],
  untrained: true,
  threshold: `a gradient of more than ${steep} times its weights, or none that is finite`,
  source: "Pascanu et al. 2013; Glorot & Bengio 2010 on starts that are too large",
  next: "start from smaller weights (the layers' own init), put batch norm in, or clip gradients (clip of fit)",
  look({ gradients: { layers, loss, pictures } }) {
    const large = layers.filter(({ ratio }) => !(ratio <= steep));
    if (large.length === 0) return [];
    const worst = large.reduce((a, b) => (b.ratio > a.ratio || Number.isNaN(b.ratio) ? b : a));
    return [
      {
        severity: "severe",
        said: `The gradient of ${worst.name} is ${short(worst.ratio)} times its weights (norm ${short(worst.gradient)}, loss ${short(loss)}, ${pictures} pictures).`,
        evidence: {
          ...{ layer: worst.name, value: worst.ratio, gradient: worst.gradient, loss, threshold: steep },
          layers: large.map(({ name }) => name),
        },
      },
    ];
  },
});
