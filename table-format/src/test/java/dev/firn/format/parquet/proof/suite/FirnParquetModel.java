package dev.firn.format.parquet.proof.suite;

import org.apache.iceberg.FileFormat;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.formats.FormatModel;
import org.apache.iceberg.formats.ModelWriteBuilder;
import org.apache.iceberg.formats.ReadBuilder;
import org.apache.iceberg.io.InputFile;

/** Iceberg's seam for file formats with our Parquet reader and writer behind it. Immutable. */
final class FirnParquetModel<D> implements FormatModel<D, Object> {
  private final Boxing<D> boxing;

  FirnParquetModel(Boxing<D> boxing) {
    this.boxing = boxing;
  }

  @Override
  public FileFormat format() {
    return FileFormat.PARQUET;
  }

  @Override
  public Class<D> type() {
    return boxing.type();
  }

  @Override
  public Class<Object> schemaType() {
    return Object.class;
  }

  @Override
  public ModelWriteBuilder<D, Object> writeBuilder(EncryptedOutputFile file) {
    return new FirnWriteBuilder<>(file.encryptingOutputFile(), boxing);
  }

  @Override
  public ReadBuilder<D, Object> readBuilder(InputFile file) {
    return new FirnReadBuilder<>(file, boxing);
  }
}
