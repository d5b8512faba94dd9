import { type ScrapingObjects, type ScrapingProps, scraping } from "../observability/scraping.ts";
import { Component, type ComponentOptions } from "./component.ts";
import { reported } from "./failure.ts";

/** How a component's metrics are scraped, as a component of the engine. */
export class Scraping extends Component<ScrapingObjects> {
  constructor(name: string, props: Omit<ScrapingProps, "name">, options: ComponentOptions<ScrapingObjects> = {}) {
    const objects = reported(() => scraping({ ...props, name }));
    super("fairlead:observability:Scraping", name, objects, options);
  }
}
