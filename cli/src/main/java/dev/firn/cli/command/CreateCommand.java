package dev.firn.cli.command;

import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.ingest.SchemaText;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "create",
    description = "Create an empty table, and the warehouse where there is none.",
    footer = {
      "Examples:",
      "  firn create shop.orders \"id bigint not null, total decimal(10,2), ordered_at timestamp\"",
      "  firn create shop.orders \"id bigint, at timestamptz, tags list<string>\" \\",
      "      --partition \"day(at)\" --sort id --key id --format-version 3"
    })
final class CreateCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin LayoutOptions layout = new LayoutOptions();

  @Parameters(
      index = "1",
      paramLabel = "SCHEMA",
      description = "Columns as \"name type [not null] [comment 'text'], …\".")
  String schema = "";

  @Override
  public void run(Session session) {
    Schema parsed = SchemaText.parse(schema);
    Table created =
        session.createLake().createTable(table.name, parsed, layout.layout(table.name)).iceberg();
    session.result(
        "Created %s: %s".formatted(table.name, SchemaText.format(created.schema())),
        Result.of(table.name)
            .with("schema", SchemaText.format(created.schema()))
            .with("partition_spec", TableDescription.partitions(created.spec()))
            .with("sort_order", TableDescription.sort(created.sortOrder()))
            .with("location", created.location())
            .map());
  }
}
