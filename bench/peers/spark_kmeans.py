"""Milliseconds per Lloyd iteration in MLlib on local[2]. Arguments: Parquet file, clusters, iterations."""

import json
import sys
import time

from pyspark.ml.clustering import KMeans
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession

path, clusters, iterations = sys.argv[1:]
spark = (
    SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.driver.memory", "8g")
    .getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
table = spark.read.parquet(path)
columns = [name for name in table.columns if name != "user_id"]
data = VectorAssembler(inputCols=columns, outputCol="features").transform(table).select("features").cache()
data.count()


def seconds(count):
    begin = time.perf_counter()
    KMeans(k=int(clusters), seed=1, maxIter=count, tol=0, initMode="random").fit(data)
    return time.perf_counter() - begin


seconds(1)
short = min(seconds(1) for _ in range(2))
long = min(seconds(1 + int(iterations)) for _ in range(2))
print(json.dumps({"milliseconds": (long - short) / int(iterations) * 1e3}))
