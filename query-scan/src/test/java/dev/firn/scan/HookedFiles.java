package dev.firn.scan;

import java.util.function.Consumer;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SeekableInputStream;

/** A store that tells of each data file that is opened, in the thread that opens it. */
record HookedFiles(FileIO store, Consumer<String> onOpen) implements FileIO {
  /** The table as it is now, read through such a store. */
  static Table under(Table table, Consumer<String> onOpen) {
    String metadata = ((HasTableOperations) table).operations().current().metadataFileLocation();
    return new BaseTable(
        new StaticTableOperations(metadata, new HookedFiles(table.io(), onOpen)), table.name());
  }

  @Override
  public InputFile newInputFile(String location) {
    InputFile file = store.newInputFile(location);
    return location.contains("/data/") ? new Hooked(file, onOpen) : file;
  }

  @Override
  public InputFile newInputFile(String location, long length) {
    return newInputFile(location);
  }

  @Override
  public OutputFile newOutputFile(String location) {
    return store.newOutputFile(location);
  }

  @Override
  public void deleteFile(String location) {
    store.deleteFile(location);
  }

  private record Hooked(InputFile file, Consumer<String> onOpen) implements InputFile {
    @Override
    public long getLength() {
      return file.getLength();
    }

    @Override
    public SeekableInputStream newStream() {
      onOpen.accept(file.location());
      return file.newStream();
    }

    @Override
    public String location() {
      return file.location();
    }

    @Override
    public boolean exists() {
      return file.exists();
    }
  }
}
