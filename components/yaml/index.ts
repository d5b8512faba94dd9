export { fromYaml, type YamlSource } from "./read.ts";
export { renderEnvironment, renderFiles, toYaml } from "./render.ts";
