"""k-means with silhouette by MLlib on local[2] on a feature table. Arguments: folder, clusters."""

import json
import sys

from pyspark.ml.clustering import KMeans
from pyspark.ml.evaluation import ClusteringEvaluator
from pyspark.ml.feature import StandardScaler, VectorAssembler
from pyspark.sql import SparkSession

folder, clusters = sys.argv[1:]
spark = (
    SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.driver.memory", "8g")
    .getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
table = spark.read.parquet(folder)
columns = [name for name, kind in table.dtypes if kind in ("bigint", "double")]
raw = VectorAssembler(inputCols=columns, outputCol="raw").transform(table)
scaled = StandardScaler(inputCol="raw", outputCol="features", withMean=True).fit(raw).transform(raw).cache()
model = KMeans(k=int(clusters), seed=1, maxIter=100).fit(scaled)
silhouette = ClusteringEvaluator().evaluate(model.transform(scaled))
print(json.dumps({"cost": model.summary.trainingCost, "silhouette": silhouette}))
