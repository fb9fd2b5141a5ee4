package dev.firn.format.parquet.proof.suite;

import dev.firn.format.parquet.write.ParquetSettings;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.formats.ModelWriteBuilder;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.io.OutputFile;

/** The description of a file that our writer is to write: a builder. */
final class FirnWriteBuilder<D> implements ModelWriteBuilder<D, Object> {
  private final OutputFile file;
  private final Boxing<D> boxing;
  private final Map<String, String> properties = new HashMap<>();
  private final Map<String, String> extra = new HashMap<>();
  private MetricsConfig metrics = MetricsConfig.getDefault();
  private Schema schema;

  FirnWriteBuilder(OutputFile file, Boxing<D> boxing) {
    this.file = file;
    this.boxing = boxing;
  }

  @Override
  public ModelWriteBuilder<D, Object> schema(Schema next) {
    schema = next;
    return this;
  }

  @Override
  public ModelWriteBuilder<D, Object> engineSchema(Object ignored) {
    return this;
  }

  @Override
  public ModelWriteBuilder<D, Object> set(String property, String value) {
    properties.put(property, value);
    return this;
  }

  @Override
  public ModelWriteBuilder<D, Object> meta(String property, String value) {
    extra.put(property, value);
    return this;
  }

  @Override
  public ModelWriteBuilder<D, Object> content(FileContent content) {
    return this;
  }

  @Override
  public ModelWriteBuilder<D, Object> metricsConfig(MetricsConfig config) {
    metrics = config;
    return this;
  }

  @Override
  public ModelWriteBuilder<D, Object> overwrite() {
    return this;
  }

  @Override
  public ModelWriteBuilder<D, Object> withFileEncryptionKey(ByteBuffer key) {
    throw new UnsupportedOperationException("Encrypted Parquet files are not written");
  }

  @Override
  public ModelWriteBuilder<D, Object> withAADPrefix(ByteBuffer prefix) {
    throw new UnsupportedOperationException("Encrypted Parquet files are not written");
  }

  @Override
  public FileAppender<D> build() {
    ParquetSettings settings = ParquetSettings.of(properties, metrics).withExtra(extra);
    return new FirnAppender<>(file, schema, settings, boxing.unbox());
  }
}
