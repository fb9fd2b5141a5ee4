package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import dev.firn.storage.s3.CannedS3.Asked;
import dev.firn.storage.s3.CannedS3.Told;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.FileInfo;
import org.junit.jupiter.api.Test;

/** Pages of listings, batches of deletes. */
class S3ListingTest {
  private static final Pattern KEY = Pattern.compile("<Key>([^<]*)</Key>");

  /** Pages of two objects each, ten pages in all. */
  private static Told page(Asked request) {
    Matcher token = Pattern.compile("continuation-token=(\\d+)").matcher(request.query());
    int page = token.find() ? Integer.parseInt(token.group(1)) : 0;
    StringBuilder xml = new StringBuilder("<ListBucketResult><IsTruncated>" + (page < 9));
    xml.append("</IsTruncated>");
    if (page < 9) {
      xml.append("<NextContinuationToken>" + (page + 1) + "</NextContinuationToken>");
    }
    for (int i = 0; i < 2; i++) {
      xml.append("<Contents><Key>t/" + page + "/" + i + "</Key><Size>" + page + "</Size>");
      xml.append("<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>");
    }
    return Told.ok(xml + "</ListBucketResult>");
  }

  @Test
  void pagesAreAskedForAsTheyAreReadOneAhead() throws IOException {
    try (CannedS3 server = new CannedS3(S3ListingTest::page);
        S3Store store = server.store()) {
      Iterable<FileInfo> listing = store.listPrefix("s3a://b/t");
      assertThat(server.asked()).isEmpty();

      Iterator<FileInfo> files = listing.iterator();
      assertThat(files.next().location()).isEqualTo("s3a://b/t/0/0");
      assertThat(files.next().location()).isEqualTo("s3a://b/t/0/1");
      assertThat(server.asked().size()).isBetween(1, 2);
      assertThat(server.asked().get(0).query()).contains("prefix=t/");

      List<String> rest = new ArrayList<>();
      files.forEachRemaining(file -> rest.add(file.location()));
      assertThat(rest).hasSize(18).doesNotHaveDuplicates().last().isEqualTo("s3a://b/t/9/1");
      assertThat(server.asked()).hasSize(10);
      assertThat(store.counts().lists()).isEqualTo(10);
      assertThat(listing).hasSize(20);
    }
  }

  @Test
  void listingThatGoesNowhereIsAnError() throws IOException {
    Told endless = Told.ok("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>");
    try (CannedS3 server = new CannedS3(any -> endless);
        S3Store store = server.store()) {
      assertThatThrownBy(() -> store.listPrefix("s3://b/t").iterator().hasNext())
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("Cannot list files: ")
          .hasMessageContaining("[s3://b/t]");
    }
  }

  @Test
  void deletesGoInBatchesPerBucket() throws IOException {
    try (CannedS3 server = new CannedS3(any -> Told.ok("<DeleteResult></DeleteResult>"));
        S3Store store = server.store("s3.delete.batch-size", "10")) {
      List<String> locations = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        locations.add((i % 2 == 0 ? "s3://b/" : "s3a://c/") + i);
      }
      store.deleteFiles(locations);

      assertThat(server.asked()).hasSize(6).allMatch(each -> each.query().startsWith("delete"));
      assertThat(server.asked().stream().flatMap(each -> keys(each).stream()))
          .hasSize(50)
          .doesNotHaveDuplicates();
      assertThat(store.counts().deletes()).isEqualTo(6);
    }
  }

  private static List<String> keys(Asked request) {
    return KEY.matcher(request.body()).results().map(key -> key.group(1)).toList();
  }

  @Test
  void keysThatFailAreCountedThoseOfABusyStoreDeletedAgain() throws IOException {
    String errors =
        "<DeleteResult>"
            + "<Error><Key>1</Key><Code>AccessDenied</Code><Message>no</Message></Error>"
            + "<Error><Key>2</Key><Code>InternalError</Code><Message>again</Message></Error>"
            + "<Error><Key>3</Key><Code>NoSuchKey</Code><Message>gone</Message></Error>"
            + "</DeleteResult>";
    try (CannedS3 server =
            new CannedS3(
                each ->
                    each.method().equals("DELETE")
                        ? new Told(204, Map.of(), "")
                        : Told.ok(errors));
        S3Store store = server.store()) {
      assertThatThrownBy(() -> store.deleteFiles(List.of("s3://b/1", "s3://b/2", "s3://b/3")))
          .isInstanceOf(BulkDeletionFailureException.class)
          .hasMessageContaining("1");
      assertThat(server.asked())
          .filteredOn(each -> each.method().equals("DELETE"))
          .singleElement()
          .satisfies(each -> assertThat(each.path()).isEqualTo("/b/2"));
    }
  }

  @Test
  void storeWithoutBatchesGetsSingleDeletes() throws IOException {
    try (CannedS3 server =
            new CannedS3(
                each ->
                    each.method().equals("DELETE")
                        ? new Told(204, Map.of(), "")
                        : Told.error(501, "NotImplemented"));
        S3Store store = server.store()) {
      store.deleteFiles(List.of("s3://b/1", "s3://b/2"));
      store.deleteFiles(List.of("s3://b/3", "s3://b/4"));

      assertThat(server.asked()).hasSize(5);
      assertThat(server.asked().stream().filter(each -> each.method().equals("DELETE")))
          .extracting(Asked::path)
          .containsExactlyInAnyOrder("/b/1", "/b/2", "/b/3", "/b/4");
    }
  }

  @Test
  void batchThatFailsIsCountedWhole() throws IOException {
    try (CannedS3 server = new CannedS3(any -> Told.error(403, "AccessDenied"));
        S3Store store = server.store()) {
      assertThatThrownBy(() -> store.deleteFiles(List.of("s3://b/1", "s3://b/2")))
          .isInstanceOf(BulkDeletionFailureException.class)
          .extracting(e -> ((BulkDeletionFailureException) e).numberFailedObjects())
          .isEqualTo(2);
    }
  }

  @Test
  void nothingIsDeletedWhereThatIsOff() throws IOException {
    try (CannedS3 server = new CannedS3(any -> Told.ok("<Tagging><TagSet/></Tagging>"));
        S3Store store =
            server.store("s3.delete-enabled", "false", "s3.delete.tags.state", "deleted")) {
      store.deleteFile("s3://b/1");
      store.deleteFiles(List.of("s3://b/2", "s3://b/3"));

      assertThat(server.asked())
          .hasSize(6)
          .allMatch(each -> each.query().startsWith("tagging"))
          .filteredOn(each -> each.method().equals("PUT"))
          .hasSize(3)
          .allMatch(each -> each.body().contains("<Key>state</Key><Value>deleted</Value>"));
    }
  }

  @Test
  void bucketItselfIsNoFile() throws IOException {
    try (CannedS3 server = new CannedS3(any -> Told.ok(""));
        S3Store store = server.store()) {
      for (String location : List.of("s3://b", "s3://b/")) {
        assertThatThrownBy(() -> store.deleteFile(location)).isInstanceOf(FirnException.class);
        assertThatThrownBy(() -> store.newInputFile(location)).isInstanceOf(FirnException.class);
      }
      assertThat(server.asked()).isEmpty();
    }
  }
}
