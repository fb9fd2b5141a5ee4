package dev.firn.ingest.read;

import dev.firn.ingest.value.Converter;
import dev.firn.ingest.value.JsonConverters;
import dev.firn.ingest.value.Misfit;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/** The rows of one JSON file under a target schema, members matched by name. */
final class JsonRows implements RowSource {
  private final Source source;
  private final JsonItems items;
  private final Converter rows;
  private final ReadMonitor monitor;
  private final RejectHandler rejects;

  JsonRows(Source source, JsonLayout layout, Target target, ReadMonitor monitor) {
    this.source = source;
    this.monitor = monitor;
    this.rejects = target.rejects();
    this.rows = JsonConverters.struct(target.schema().asStruct(), "", target.styles());
    this.items = JsonItems.open(source, layout, monitor);
  }

  @Override
  public @Nullable Record next() {
    while (true) {
      JsonItem item = items.next();
      if (item == null) {
        return null;
      }
      monitor.row();
      Object value = item.value();
      if (item.problem() != null || value == null) {
        rejects.reject(item.rejected(source, "", String.valueOf(item.problem())));
        continue;
      }
      try {
        return (Record) rows.convert(value);
      } catch (Misfit e) {
        rejects.reject(item.rejected(source, e.path(), e.reason()));
      }
    }
  }

  @Override
  public void close() {
    items.close();
  }
}
