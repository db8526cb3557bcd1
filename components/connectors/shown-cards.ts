import { showsConnector } from "@/brand";
import { type ConnectorCard, connectorCards } from "@/lib/catalogue/connectors";

let shown: ConnectorCard[] | undefined;

/** The cards that this deployment shows. The same array each time, so that the search keeps its index. */
export function shownCards(): ConnectorCard[] {
  shown ??= connectorCards().filter((card) => showsConnector(card.slug));
  return shown;
}
