package dev.firn.format.parquet.proof.suite;

import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Files;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.TestMergingMetrics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.encryption.EncryptionKeyMetadata;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.io.DataWriter;

/** Iceberg's suite of metrics, counts of NaN among them, of files that we write. */
class MergingMetricsSuiteTest extends TestMergingMetrics<EngineRow> {
  static {
    EngineModels.register();
  }

  @Override
  protected DataFile writeAndGetDataFile(List<Record> records) throws IOException {
    File path = new File(tempDir, UUID.randomUUID() + "." + fileFormat.name());
    EncryptedOutputFile file =
        EncryptedFiles.encryptedOutput(Files.localOutput(path), EncryptionKeyMetadata.EMPTY);
    DataWriter<EngineRow> writer =
        FormatModelRegistry.<EngineRow, Object>dataWriteBuilder(fileFormat, EngineRow.class, file)
            .schema(SCHEMA)
            .spec(PartitionSpec.unpartitioned())
            .build();
    try (writer) {
      records.forEach(row -> writer.write(new EngineRow(row)));
    }
    return writer.toDataFile();
  }
}
