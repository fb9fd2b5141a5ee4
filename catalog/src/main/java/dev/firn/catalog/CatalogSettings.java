package dev.firn.catalog;

import java.util.Map;

/**
 * Where the catalog is ({@code uri}: {@code jdbc:sqlite:…}, {@code jdbc:postgresql:…}, {@code
 * http(s)://…} for REST), where tables go ({@code warehouse}, a URI), and Iceberg's own catalog and
 * FileIO properties.
 */
public record CatalogSettings(
    String name, String uri, String warehouse, Map<String, String> properties) {
  public CatalogSettings {
    properties = Map.copyOf(properties);
  }
}
