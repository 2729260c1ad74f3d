// Calls that several rows of options begin with.
export const train = "train pictures --model mlp --epochs 1 --out new";
export const eval_ = "eval trained pictures";
export const explain = "explain trained pictures/a/0.png --out new";
export const predict = "predict trained pictures/a/0.png";
export const bench = "bench lenet --rounds 1 --threads 1 --batch 1 --work inference";
