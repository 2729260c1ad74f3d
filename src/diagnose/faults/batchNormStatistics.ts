// Batch norms whose statistics are not those of the pictures.
import { diagnosis } from "../diagnosis.ts";

export const batchNormStatistics = diagnosis({
  name: "batch-norm-statistics",
  about: "batch norms hold other statistics than the pictures have",
  needs: ["pictures"],
  threshold:
    "half of a layer's channels with a mean off by a deviation or a variance by four times, or a variance below 0",
  source: "Ioffe & Szegedy 2015; the statistics of a short training lag behind by its momentum",
  next: "train for more steps (--epochs), with larger batches (--batch), and look whether the pictures are those that it learned from",
  look({ pictures: { norms, pictures } }) {
    return norms.flatMap(({ layer, channels, off, impossible }) => {
      if (impossible === 0 && off < channels / 2) return [];
      const said =
        impossible > 0
          ? `${impossible} of ${channels} channels of ${layer} have a variance that cannot be.`
          : `${off} of ${channels} channels of ${layer} have other statistics than the ${pictures} pictures.`;
      const evidence = { layer, channels, off, impossible, pictures, threshold: 0.5 };
      return [{ severity: impossible > 0 ? "severe" : "warning", said, evidence } as const];
    });
  },
});
