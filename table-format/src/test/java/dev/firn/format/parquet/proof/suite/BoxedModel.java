package dev.firn.format.parquet.proof.suite;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.formats.FormatModel;
import org.apache.iceberg.formats.ModelWriteBuilder;
import org.apache.iceberg.formats.ReadBuilder;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.NameMapping;

/** Iceberg's own model of a format that we leave to it, in the engine's rows. Immutable. */
final class BoxedModel<S> implements FormatModel<EngineRow, Object> {
  private final FormatModel<Record, S> model;

  BoxedModel(FormatModel<Record, S> model) {
    this.model = model;
  }

  @Override
  public FileFormat format() {
    return model.format();
  }

  @Override
  public Class<EngineRow> type() {
    return EngineRow.class;
  }

  @Override
  public Class<Object> schemaType() {
    return Object.class;
  }

  @Override
  public ModelWriteBuilder<EngineRow, Object> writeBuilder(EncryptedOutputFile file) {
    return new Writes(model.writeBuilder(file));
  }

  @Override
  public ReadBuilder<EngineRow, Object> readBuilder(InputFile file) {
    return new Reads(model.readBuilder(file));
  }

  private record Writes(ModelWriteBuilder<Record, ?> builder)
      implements ModelWriteBuilder<EngineRow, Object> {
    @Override
    public Writes schema(Schema schema) {
      builder.schema(schema);
      return this;
    }

    @Override
    public Writes engineSchema(Object ignored) {
      return this;
    }

    @Override
    public Writes set(String property, String value) {
      builder.set(property, value);
      return this;
    }

    @Override
    public Writes meta(String property, String value) {
      builder.meta(property, value);
      return this;
    }

    @Override
    public Writes content(FileContent content) {
      builder.content(content);
      return this;
    }

    @Override
    public Writes metricsConfig(MetricsConfig config) {
      builder.metricsConfig(config);
      return this;
    }

    @Override
    public Writes overwrite() {
      builder.overwrite();
      return this;
    }

    @Override
    public Writes withFileEncryptionKey(ByteBuffer key) {
      builder.withFileEncryptionKey(key);
      return this;
    }

    @Override
    public Writes withAADPrefix(ByteBuffer prefix) {
      builder.withAADPrefix(prefix);
      return this;
    }

    @Override
    public FileAppender<EngineRow> build() throws java.io.IOException {
      return new Appender(builder.build());
    }
  }

  private record Appender(FileAppender<Record> appender) implements FileAppender<EngineRow> {
    @Override
    public void add(EngineRow row) {
      appender.add(row.row());
    }

    @Override
    public Metrics metrics() {
      return appender.metrics();
    }

    @Override
    public long length() {
      return appender.length();
    }

    @Override
    public List<Long> splitOffsets() {
      return appender.splitOffsets();
    }

    @Override
    public void close() throws java.io.IOException {
      appender.close();
    }
  }

  private static final class Reads implements ReadBuilder<EngineRow, Object> {
    private final ReadBuilder<Record, ?> builder;
    private boolean reuse;

    Reads(ReadBuilder<Record, ?> builder) {
      this.builder = builder;
    }

    @Override
    public Reads split(long start, long length) {
      builder.split(start, length);
      return this;
    }

    @Override
    public Reads project(Schema schema) {
      builder.project(schema);
      return this;
    }

    @Override
    public Reads engineProjection(Object ignored) {
      return this;
    }

    @Override
    public Reads caseSensitive(boolean sensitive) {
      builder.caseSensitive(sensitive);
      return this;
    }

    @Override
    public Reads filter(Expression filter) {
      builder.filter(filter);
      return this;
    }

    @Override
    public Reads set(String key, String value) {
      builder.set(key, value);
      return this;
    }

    @Override
    public Reads reuseContainers() {
      builder.reuseContainers();
      reuse = true;
      return this;
    }

    @Override
    public Reads recordsPerBatch(int rows) {
      builder.recordsPerBatch(rows);
      return this;
    }

    @Override
    public Reads idToConstant(Map<Integer, ?> constants) {
      builder.idToConstant(constants);
      return this;
    }

    @Override
    public Reads withNameMapping(NameMapping mapping) {
      builder.withNameMapping(mapping);
      return this;
    }

    @Override
    public CloseableIterable<EngineRow> build() {
      Boxing<EngineRow> boxing = Boxing.engine();
      var box = reuse ? boxing.container().get() : boxing.box();
      return CloseableIterable.transform(builder.build(), box);
    }
  }
}
