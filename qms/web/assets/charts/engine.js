// Apache ECharts, only the parts a control chart needs, drawn as SVG without animation.
import { LineChart, ScatterChart } from 'echarts/charts';
import { GraphicComponent, GridComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([LineChart, ScatterChart, GraphicComponent, GridComponent, MarkAreaComponent, MarkLineComponent, SVGRenderer]);

export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--pl-${name}`).trim();
export const font = () => getComputedStyle(document.body).fontFamily;
export const phone = () => innerWidth < 768;
export const create = (el) => init(el, null, { renderer: 'svg' });
