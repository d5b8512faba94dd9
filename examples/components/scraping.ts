import { microservice, type ScrapingObjects, scraping } from "../../components/index.ts";

const order = microservice({
  name: "order",
  namespace: "shop",
  image: "registry.example.com/shop/order:1.4.2",
  ports: { http: 8080, metrics: 9100 },
});

/** The order service's metrics, every 15 s, with a bound on what one scrape may bring. */
export const scrapingExample: ScrapingObjects = scraping({ name: "order", objects: order, samples: 5_000 });
