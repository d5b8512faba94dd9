export { toChart } from "./chart.ts";
export { fromChart } from "./objects.ts";
