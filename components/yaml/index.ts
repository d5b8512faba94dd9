export { fromYaml, type YamlSource } from "./read.ts";
export { renderEnvironment, toYaml } from "./render.ts";
