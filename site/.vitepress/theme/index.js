// VitePress's own theme, with a few colours and widths.
import theme from "vitepress/theme";
import "./style.css";

// biome-ignore lint/style/noDefaultExport: VitePress takes its theme so
export default theme;
