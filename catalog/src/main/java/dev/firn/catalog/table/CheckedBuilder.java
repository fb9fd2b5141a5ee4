package dev.firn.catalog.table;

import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.catalog.Catalog.TableBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A table builder that checks the properties first, and the name where a table may be made.
 * Confined to one thread.
 */
public final class CheckedBuilder implements TableBuilder {
  private final String name;
  private final Runnable checkName;
  private final Map<String, String> properties = new HashMap<>();
  private TableBuilder builder;

  /** {@code checkName} throws where no table can be made. */
  public CheckedBuilder(String name, Runnable checkName, TableBuilder builder) {
    this.name = name;
    this.checkName = checkName;
    this.builder = builder;
  }

  @Override
  public TableBuilder withPartitionSpec(PartitionSpec spec) {
    builder = builder.withPartitionSpec(spec);
    return this;
  }

  @Override
  public TableBuilder withSortOrder(SortOrder order) {
    builder = builder.withSortOrder(order);
    return this;
  }

  @Override
  public TableBuilder withLocation(String location) {
    builder = builder.withLocation(location);
    return this;
  }

  @Override
  public TableBuilder withProperties(@Nullable Map<String, String> more) {
    if (more == null) {
      return this;
    }
    properties.putAll(more);
    builder = builder.withProperties(more);
    return this;
  }

  @Override
  public TableBuilder withProperty(String key, String value) {
    properties.put(key, value);
    builder = builder.withProperty(key, value);
    return this;
  }

  @Override
  public Table create() {
    checkName.run();
    return checked().create();
  }

  @Override
  public Transaction createTransaction() {
    checkName.run();
    return checked().createTransaction();
  }

  @Override
  public Transaction replaceTransaction() {
    return checked().replaceTransaction();
  }

  @Override
  public Transaction createOrReplaceTransaction() {
    checkName.run();
    return checked().createOrReplaceTransaction();
  }

  private TableBuilder checked() {
    SupportedTables.check(name, properties);
    return builder;
  }
}
