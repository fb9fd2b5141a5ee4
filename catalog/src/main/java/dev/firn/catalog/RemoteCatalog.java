package dev.firn.catalog;

import dev.firn.catalog.table.CheckedBuilder;
import dev.firn.catalog.table.SupportedTables;
import dev.firn.catalog.table.TableName;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog.TableBuilder;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.rest.RESTCatalog;

/** Iceberg's REST catalog, refusing what {@link SupportedTables} refuses. Owns its connections. */
final class RemoteCatalog extends RESTCatalog {
  @Override
  public Table loadTable(TableIdentifier id) {
    return SupportedTables.check(TableName.format(id), super.loadTable(id));
  }

  @Override
  public TableBuilder buildTable(TableIdentifier id, Schema schema) {
    return new CheckedBuilder(TableName.format(id), () -> {}, super.buildTable(id, schema));
  }
}
